/** Members that end at the same moment. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { BatchStore } from "../../ports/BatchStore.ts"
import { accept, drained, hash, newAccount, newClaimant, newId, settlement, withFile } from "../executionStore/fixtures.ts"
import { acceptBatch, countsOf, failed, items, type Methods, type Options, runAll, withPart } from "./fixtures.ts"

export const together = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("passes members of several batches through their gates together, beside what is alone or stale", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const [one, two] = [newAccount(), newAccount()]
      const first = (yield* acceptBatch(one, items(20), { parallel: 6 })).batch
      const second = (yield* acceptBatch(two, items(9), { parallel: 4 })).batch
      yield* accept(two)
      const claims = yield* store.claim(newClaimant(), 100)
      assert.strictEqual(claims.length, 11)
      const settled = yield* Effect.all([
        ...claims.map((claim) => Effect.exit(store.settle(claim, settlement()))),
        Effect.exit(store.settle({ execution: newId(), fence: 1 }, settlement())),
        Effect.exit(store.settle({ ...claims[0]!, fence: 7 }, settlement()))
      ], { concurrency: "unbounded" })
      assert.deepStrictEqual(settled.map(({ _tag }) => _tag), [...claims.map(() => "Success"), "Failure", "Failure"])
      assert.deepStrictEqual(yield* countsOf(one, first.id), { completed: 6, queued: 6, held: 8 })
      assert.deepStrictEqual(yield* countsOf(two, second.id), { completed: 4, queued: 4, held: 1 })
      const ends = yield* BatchStore.use((batches) => batches.finished(one, first.id, 0, 10))
      assert.deepStrictEqual(ends.map(({ number }) => number), [1, 2, 3, 4, 5, 6])
      yield* runAll()
      assert.deepStrictEqual(yield* countsOf(one, first.id), { completed: 20 })
    }))

  it.effect("starts members whose files another call stored while theirs was taken: nobody is told of those any more", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const [script, own] = [hash(), hash()]
      // By the time the first item is read the script has been looked for.
      const arriving = Stream.fromIterable(items(3, () => withPart(own))).pipe(
        Stream.tap(() => Effect.forEach([script, own], (sha256) => store.recordPart(account, { sha256, size: 1 }))),
        Stream.orDie
      )
      const { batch, missing } = yield* acceptBatch(account, arriving, { job: withFile({ sha256: script, size: 1 }) })
      assert.deepStrictEqual(missing, [])
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { queued: 2, held: 1 })
      assert.lengthOf(yield* runAll(), 3)
    }))

  it.effect("halts when enough of those that end together failed", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const halt = { when: "soon", on: "fail", amount: 2, unit: "items" } as const
      const { batch } = yield* acceptBatch(account, items(12), { parallel: 4, options: { halt } })
      const claims = yield* store.claim(newClaimant(), 4)
      yield* Effect.forEach(claims, (claim, i) => store.settle(claim, settlement(i < 2 ? failed() : {})), {
        concurrency: "unbounded",
        discard: true
      })
      const ended = yield* BatchStore.use((batches) => batches.find(account, batch.id))
      assert.strictEqual(ended.halted, "halt")
      assert.deepInclude(ended.counts, { failed: 2, queued: 0, held: 0, leased: 0 })
      yield* runAll()
      assert.isNotNull((yield* BatchStore.use((batches) => batches.find(account, batch.id))).endedAt)
    }))
}
