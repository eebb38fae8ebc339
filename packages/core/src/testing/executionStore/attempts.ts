/** Claims, leases, settlements: who may write, and once. */
import { assert } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { OutputManifest } from "../../domain/Execution.ts"
import type { Attempt } from "../../ports/ExecutionStore.ts"
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
  spec,
  tagOf
} from "./fixtures.ts"

export const claiming = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("hands out the oldest first, whole, once", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const job = spec({ env: { A: "1" }, secrets: { S: "x" }, directories: ["out"], retries: 0 })
      const ids = []
      for (let i = 0; i < 3; i++) ids.push((yield* store.accept({ id: newId(), account, spec: job })).execution.id)
      const claimant = newClaimant({ sandbox: "process" })
      const claims = yield* store.claim(claimant, 2)
      assert.deepStrictEqual(claims, ids.slice(0, 2).map((execution) => ({ execution, account, fence: 1, batch: null, spec: job })))
      assert.deepStrictEqual((yield* store.claim(newClaimant(), 5)).map(({ execution }) => execution), ids.slice(2))
      assert.deepStrictEqual(yield* store.claim(newClaimant(), 5), [])
      assert.deepInclude(yield* store.find(account, ids[0]!), {
        state: "leased", attempt: 1, runner: claimant.runner, sandbox: "process", startedAt: null
      })
      assert.deepStrictEqual(yield* store.claimed(claims[0]!), claims[0])
      assert.strictEqual(yield* tagOf(store.claimed({ execution: ids[0]!, fence: 2 })), "StaleAttempt")
      assert.isTrue(yield* store.holds(claims[0]!))
      assert.isFalse(yield* store.holds({ execution: ids[0]!, fence: 2 }))
    }))

  it.effect("gives no attempt to two of many claimants", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      yield* Effect.forEach(Array.from({ length: 60 }), () => accept(account), { concurrency: 4 })
      const greedy = Effect.suspend(() => store.claim(newClaimant(), 4))
      const claims = (yield* Effect.all(Array.from({ length: 30 }, () => greedy), { concurrency: "unbounded" })).flat()
      assert.strictEqual(new Set(claims.map(({ execution }) => execution)).size, claims.length)
      const rest = yield* store.claim(newClaimant(), 100)
      assert.strictEqual(claims.length + rest.length, 60)
    }))

  it.effect("renews what this incarnation holds, and nothing else", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, claimant, id, store } = yield* placed()
      const asked: ReadonlyArray<Attempt> = [
        { execution: id, fence: 1 }, { execution: id, fence: 2 }, { execution: newId(), fence: 1 }
      ]
      const answers = yield* store.renew(claimant.incarnation, asked)
      const expected = asked.map((attempt, i) => ({ ...attempt, held: i === 0, cancelRequested: false }))
      assert.deepStrictEqual(answers, expected)
      assert.isFalse((yield* store.renew(newClaimant().incarnation, [claim]))[0]?.held)
      assert.deepStrictEqual(yield* store.renew(claimant.incarnation, []), [])
      yield* store.cancel(account, id)
      assert.deepInclude((yield* store.renew(claimant.incarnation, [claim]))[0], { held: true, cancelRequested: true })
      yield* expire
      yield* store.renew(claimant.incarnation, [claim])
      assert.deepStrictEqual(yield* store.sweep, [])
    }))
}

const manifest: OutputManifest = {
  outputs: [
    { path: "out", type: "directory", mode: 0o755, modifiedAt: 1 },
    { path: "out/a", type: "file", mode: 0o644, modifiedAt: 2, content: { size: 5, sha256: hash(), parts: [hash()] } },
    { path: "b", type: "file", mode: 0o644, modifiedAt: 3, content: { size: 7_000_000_000, sha256: hash(), parts: [] } }
  ],
  deleted: ["gone"],
  skipped: [{ path: "l", reason: "link" }]
}

export const settling = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("starts once and settles once, with all that belongs to it", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      yield* store.started(claim)
      const { startedAt } = yield* store.find(account, id)
      assert.isNotNull(startedAt)
      yield* store.started(claim)
      assert.deepStrictEqual((yield* store.find(account, id)).startedAt, startedAt)
      const told = settlement({ manifest, usage: { cpuMicros: 9, peakMemoryBytes: 10 } })
      const { duplicate, execution } = yield* store.settle(claim, told)
      assert.isFalse(duplicate)
      assert.deepInclude(execution, {
        state: "completed", exitCode: 0, failure: null, outputs: { files: 2, bytes: 7_000_000_005 },
        log: { stdoutBytes: 3, stderrBytes: 4 }, usage: { cpuMicros: 9, peakMemoryBytes: 10 }
      })
      assert.isTrue(DateTime.isGreaterThanOrEqualTo(execution.startedAt!, execution.createdAt))
      assert.isTrue(DateTime.isGreaterThanOrEqualTo(execution.endedAt!, execution.startedAt!))
      assert.deepStrictEqual(yield* store.manifest(account, id), manifest)
      const other = settlement({ ending: { state: "failed", failure: { _tag: "ScriptExited", code: 1 } }, exitCode: 1 })
      assert.deepStrictEqual(yield* store.settle(claim, other), { execution, duplicate: true })
      assert.strictEqual(yield* tagOf(store.started(claim)), "StaleAttempt")
      assert.strictEqual(yield* tagOf(store.claimed(claim)), "StaleAttempt")
      assert.isFalse(yield* store.holds(claim))
      assert.strictEqual(yield* tagOf(store.settle({ execution: id, fence: 2 }, other)), "StaleAttempt")
      assert.strictEqual(yield* tagOf(store.settle({ execution: newId(), fence: 1 }, other)), "StaleAttempt")
    }))

  it.effect("lets only the newest attempt write", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      assert.strictEqual(yield* store.lose(claim, "disk full"), "queued")
      assert.deepInclude(yield* store.find(account, id), { state: "queued", attempt: 1, runner: null, startedAt: null })
      const [second] = yield* store.claim(newClaimant(), 1)
      assert.deepInclude(second, { execution: id, fence: 2 })
      for (const write of [store.started(claim), store.settle(claim, settlement()), store.lose(claim, "again")]) {
        assert.strictEqual(yield* tagOf<unknown, { _tag: string }, never>(write), "StaleAttempt")
      }
      assert.deepInclude(yield* store.find(account, id), { state: "leased", attempt: 2 })
      assert.strictEqual((yield* store.settle(second!, settlement())).execution.state, "completed")
    }))

  it.effect("settles once when many try at the same moment", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { claim, store } = yield* placed()
      const answers = yield* Effect.all(
        Array.from({ length: 10 }, (_, i) => store.settle(claim, settlement({ exitCode: i }))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(answers.filter(({ duplicate }) => !duplicate).length, 1)
      assert.strictEqual(new Set(answers.map(({ execution }) => execution.exitCode)).size, 1)
    }))

  it.effect("gives up when the retries are used up, and says how often it tried", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed({ retries: 1 })
      assert.strictEqual(yield* store.lose(claim, "one"), "queued")
      const [second] = yield* store.claim(newClaimant(), 1)
      assert.strictEqual(yield* store.lose(second!, "two"), "failed")
      const { endedAt, failure } = yield* store.find(account, id)
      assert.deepStrictEqual(failure, { _tag: "AttemptsLost", attempts: 2, detail: "two" })
      assert.isNotNull(endedAt)
    }))
}
