/** What ends or moves an execution from outside: its owner, time, a restart. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { ExecutionStore, type Hint } from "../../ports/ExecutionStore.ts"
import {
  accept,
  drained,
  hash,
  type Methods,
  newAccount,
  newClaimant,
  newId,
  type Options,
  placed,
  settlement,
  tagOf,
  withFile
} from "./fixtures.ts"

export const canceling = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("ends at once what waits", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const { id } = yield* accept(account)
      const canceled = yield* store.cancel(account, id)
      assert.deepInclude(canceled, { state: "canceled", failure: { _tag: "Canceled" } })
      assert.deepStrictEqual(yield* store.cancel(account, id), canceled)
      assert.deepStrictEqual(yield* store.claim(newClaimant(), 5), [])
    }))

  it.effect("asks for the end of what runs, and never brings it back", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      yield* store.started(claim)
      const asked = yield* store.cancel(account, id)
      assert.deepInclude(asked, { state: "running", cancelRequested: true })
      assert.deepStrictEqual(yield* store.cancel(account, id), asked)
      assert.strictEqual(yield* store.lose(claim, "died"), "canceled")
    }))

  it.effect("does nothing to what has ended", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      const { execution } = yield* store.settle(claim, settlement())
      assert.deepStrictEqual(yield* store.cancel(account, id), execution)
    }))
}

export const passing = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("takes back leases and uploads whose time is over", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed({ retries: 0 })
      const upload = yield* store.accept({ id: newId(), account, spec: withFile({ sha256: hash(), size: 1 }) })
      assert.deepStrictEqual(yield* store.sweep, [])
      yield* expire
      const swept = yield* store.sweep
      assert.sameDeepMembers([...swept], [
        { execution: id, fence: 1, state: "failed" },
        { execution: upload.execution.id, fence: 0, state: "failed" }
      ])
      assert.deepStrictEqual(yield* store.sweep, [])
      assert.strictEqual((yield* store.find(account, id)).failure?._tag, "AttemptsLost")
      assert.deepStrictEqual((yield* store.find(account, upload.execution.id)).failure, { _tag: "UploadExpired" })
      assert.strictEqual(yield* tagOf(store.settle(claim, settlement())), "StaleAttempt")
    }))

  it.effect("grants every lease one more term", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, id, store } = yield* placed()
      yield* expire
      yield* store.extendLeases
      assert.deepStrictEqual(yield* store.sweep, [])
      assert.strictEqual((yield* store.find(account, id)).state, "leased")
    }))

  it.effect("reclaims what a runner held before it started anew", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claimant, id, store } = yield* placed()
      const other = yield* placed()
      assert.deepStrictEqual(yield* store.reclaim(claimant.runner, claimant.incarnation), [])
      const anew = newClaimant({ runner: claimant.runner })
      assert.deepStrictEqual(yield* store.reclaim(claimant.runner, anew.incarnation), [
        { execution: id, fence: 1, state: "queued" }
      ])
      assert.strictEqual((yield* store.find(account, id)).state, "queued")
      assert.strictEqual((yield* store.find(other.account, other.id)).state, "leased")
    }))
}

export const hinting = <R>(it: Methods<R>) => {
  it.effect("hints at what was queued, canceled and ended", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const seen: Array<Hint> = []
      const listening = yield* Stream.runForEach(store.hints, (hint) => Effect.sync(() => seen.push(hint))).pipe(
        Effect.forkChild
      )
      const wait = Effect.fnUntraced(function*(reason: string, found: (hint: Hint) => boolean) {
        for (let i = 0; i < 500; i++) {
          if (seen.some(found)) return
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10)))
        }
        assert.fail(`No hint: ${reason}, only ${JSON.stringify(seen)}`)
      })
      // The stream listens some time after it was begun: hints before that are lost.
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 300)))
      seen.length = 0
      const { id } = yield* accept(account)
      yield* wait("queued", ({ _tag }) => _tag === "Queued")
      const claimant = newClaimant()
      const claims = yield* store.claim(claimant, 1000)
      yield* store.cancel(account, id)
      yield* wait("cancel", (hint) =>
        hint._tag === "CancelRequested" && hint.execution === id && hint.runner === claimant.runner)
      yield* Effect.forEach(claims, (claim) => store.settle(claim, settlement()))
      yield* wait("ended", (hint) => hint._tag === "Changed" && hint.execution === id)
      yield* Fiber.interrupt(listening)
    }))
}
