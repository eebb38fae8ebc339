/** What a store can tell of why an execution is as it is. */
import { assert } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
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

const phases = { prepareMillis: 5, slotMillis: 4, inputsMillis: 1, runMillis: 20, outputsMillis: 2 }

export const telling = <R>(it: Methods<R>, { expire, tick }: Options<R, unknown>) => {
  it.effect("tells each step of an execution, in order, with what belongs to it", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, claimant, id, store } = yield* placed()
      yield* store.started(claim)
      yield* store.started(claim)
      yield* store.lose(claim, "disk full")
      const anew = newClaimant({ runner: claimant.runner })
      const [second] = yield* store.claim(anew, 1)
      yield* store.cancel(account, id)
      yield* store.settle(second!, settlement({ phases }))
      const { events, leaseUntil } = yield* store.story(account, id)
      assert.isNull(leaseUntil)
      const seen = events.map(({ attempt, data, state, type }) => ({ type, state, attempt, data }))
      const { price, runner, sandbox } = claimant
      const claimed = { type: "Claimed", state: "leased" as const, data: { runner, sandbox, price } }
      assert.deepStrictEqual(seen, [
        { type: "Accepted", state: "queued", attempt: 0, data: {} },
        { ...claimed, attempt: 1 },
        { type: "Started", state: "running", attempt: 1, data: {} },
        { type: "AttemptLost", state: "queued", attempt: 1, data: { detail: "disk full", counts: true } },
        { ...claimed, attempt: 2 },
        { type: "CancelRequested", state: "leased", attempt: 2, data: {} },
        { type: "Settled", state: "completed", attempt: 2, data: { phases } }
      ])
      const times = events.map(({ at }) => DateTime.toEpochMillis(at))
      assert.deepStrictEqual(times, times.toSorted((a, b) => a - b))
    }))

  it.effect("knows whether anything is left to do", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      assert.isFalse(yield* store.busy)
      yield* store.accept({ id: newId(), account: newAccount(), spec: withFile({ sha256: hash(), size: 1 }) })
      assert.isFalse(yield* store.busy)
      yield* accept(newAccount())
      assert.isTrue(yield* store.busy)
      const [claim] = yield* store.claim(newClaimant(), 1)
      assert.isTrue(yield* store.busy)
      yield* store.settle(claim!, settlement())
      assert.isFalse(yield* store.busy)
    }))

  it.effect("counts what is queued before it, whoever asked for it", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const first = yield* accept(newAccount())
      const second = yield* accept(account)
      const third = yield* accept(account)
      const ahead = (of: { readonly id: typeof second.id }) =>
        Effect.map(store.story(account, of.id), (story) => story.ahead)
      assert.deepStrictEqual([yield* ahead(second), yield* ahead(third)], [1, 2])
      assert.strictEqual(yield* tagOf(store.story(account, first.id)), "UnknownExecution")
      yield* store.claim(newClaimant(), 2)
      assert.deepStrictEqual([yield* ahead(second), yield* ahead(third)], [0, 0])
      const { leaseUntil, now } = yield* store.story(account, second.id)
      assert.isAbove(DateTime.toEpochMillis(leaseUntil!), DateTime.toEpochMillis(now))
    }))

  it.effect("knows what was not sent yet", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const part = { sha256: hash(), size: 7 }
      const { execution } = yield* store.accept({ id: newId(), account, spec: withFile(part) })
      assert.deepStrictEqual((yield* store.story(account, execution.id)).missing, { parts: 1, bytes: 7 })
      yield* store.recordPart(account, part)
      assert.deepStrictEqual((yield* store.story(account, execution.id)).missing, { parts: 0, bytes: 0 })
    }))

  it.effect("remembers how long earlier runs of the script took: its own, completed ones", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const run = Effect.fnUntraced(function*(script: string, failed = false, owner = account) {
        const { id } = yield* accept(owner, { script })
        const [claim] = yield* store.claim(newClaimant(), 1)
        yield* store.started(claim!)
        yield* tick
        const failure = { _tag: "ScriptExited", code: 1 } as const
        yield* store.settle(claim!, settlement(failed ? { ending: { state: "failed", failure } } : {}))
        return id
      })
      yield* run("a.py")
      yield* run("b.py")
      yield* run("a.py", true)
      yield* run("a.py", false, newAccount())
      const last = yield* run("a.py")
      const { earlier } = yield* store.story(account, last)
      assert.strictEqual(earlier.length, 1)
      assert.isAbove(earlier[0]!, 0)
    }))
}
