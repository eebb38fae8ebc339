/** Accepting batches, and reading them back. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { batchId } from "../../domain/Id.ts"
import { BatchStore } from "../../ports/BatchStore.ts"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"
import { drained, hash, newAccount, newClaimant, settlement, spec, tagOf, withFile } from "../executionStore/fixtures.ts"
import { acceptBatch, countsOf, item, items, type Methods, type Options, runAll, withPart } from "./fixtures.ts"

export const reading = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("gives each member the batch's job and the item's part of it", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const [script, own] = [hash(), hash()]
      yield* Effect.forEach([script, own], (sha256) => store.recordPart(account, { sha256, size: 1 }))
      const job = withFile({ sha256: script, size: 1 }, { env: { A: "1" }, secrets: { S: "hidden" }, metadata: { k: "v" } })
      const { batch } = yield* acceptBatch(account, [item(1, withPart(own))], { job })
      const [claim] = yield* store.claim(newClaimant(), 1)
      assert.deepInclude(claim?.spec, { args: ["item-1"], env: { A: "1" }, secrets: { S: "hidden" }, script: "a.py" })
      assert.deepStrictEqual(claim?.spec.files.map(({ path }) => path), ["a.py", "data.csv"])
      const member = yield* store.find(account, claim!.execution)
      assert.deepStrictEqual(member.batch, { id: batch.id, position: 1, label: "item-1", name: "item-1" })
      assert.deepInclude(member, { args: ["item-1"], env: ["A", "S"], runtime: "python:3.11", metadata: { k: "v" } })
      assert.notInclude(JSON.stringify([member, batch]), "hidden")
      yield* store.settle(claim!, settlement())
    }))

  it.effect("starts members as their files come, and none before the script is there", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const batches = yield* BatchStore
      const account = newAccount()
      const [script, first, second] = [hash(), hash(), hash()]
      const { batch, missing } = yield* acceptBatch(
        account,
        [item(1, withPart(first)), item(2, withPart(second)), item(3)],
        { job: withFile({ sha256: script, size: 1 }) }
      )
      assert.deepStrictEqual(missing.map(({ sha256 }) => sha256)[0], script)
      assert.sameMembers(missing.map(({ sha256 }) => sha256), [script, first, second])
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { uploading: 3 })
      yield* store.recordPart(account, { sha256: second, size: 1 })
      yield* batches.uploaded(account, batch.id, 10)
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { uploading: 3 })
      yield* store.recordPart(account, { sha256: script, size: 1 })
      const after = yield* batches.uploaded(account, batch.id, 10)
      assert.deepStrictEqual(after.missing.map(({ sha256 }) => sha256), [first])
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { uploading: 1, queued: 2 })
      yield* store.recordPart(account, { sha256: first, size: 1 })
      assert.deepStrictEqual((yield* batches.uploaded(account, batch.id, 10)).missing, [])
      assert.deepStrictEqual(yield* runAll(), ["item-2", "item-3", "item-1"])
    }))

  it.effect("names no more missing parts than asked for", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { batch, missing } = yield* acceptBatch(newAccount(), items(5, () => withPart(hash())), { limit: 3 })
      assert.strictEqual(missing.length, 3)
      assert.strictEqual(batch.total, 5)
    }))

  it.effect("is the same batch under the same key, and another job's key is refused", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const account = newAccount()
      const members = items(3)
      const { batch } = yield* acceptBatch(account, members, { key: "k" })
      const again = yield* acceptBatch(account, items(3), { key: "k" })
      assert.strictEqual(again.batch.id, batch.id)
      assert.strictEqual(yield* tagOf(acceptBatch(account, items(4), { key: "k" })), "IdempotencyConflict")
      assert.notStrictEqual((yield* acceptBatch(newAccount(), items(3), { key: "k" })).batch.id, batch.id)
      yield* runAll()
    }))

  it.effect("is accepted whole or not at all", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const store = yield* BatchStore
      const account = newAccount()
      const broken = Stream.concat(Stream.fromIterable(items(2000)), Stream.fail({ _tag: "Broken" as const }))
      const options = { failOn: "all", resume: false, parallel: 2 } as const
      const submission = { id: batchId(Date.now()), account, job: spec(), options }
      assert.strictEqual(yield* tagOf(store.accept(submission, broken, 10)), "Broken")
      assert.deepStrictEqual(yield* store.list(account, { limit: 10 }), [])
      assert.deepStrictEqual(yield* ExecutionStore.use((executions) => executions.list(account, { limit: 10 })), [])
    }))

  it.effect("tells ends in an order that stays", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const batches = yield* BatchStore
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(4), { parallel: 4 })
      const claims = yield* store.claim(newClaimant(), 4)
      yield* store.settle(claims[2]!, settlement())
      yield* store.settle(claims[0]!, settlement())
      const seen = yield* batches.finished(account, batch.id, 0, 10)
      assert.deepStrictEqual(seen.map(({ execution, number }) => [number, execution.args[0]]), [[1, "item-3"], [2, "item-1"]])
      yield* batches.cancel(account, batch.id)
      yield* store.settle(claims[1]!, settlement())
      yield* store.settle(claims[3]!, settlement())
      const rest = yield* batches.finished(account, batch.id, 2, 10)
      assert.deepStrictEqual(rest.map(({ number }) => number), [3, 4])
      assert.deepStrictEqual(yield* batches.finished(account, batch.id, 0, 1), seen.slice(0, 1))
    }))

  it.effect("shows members by position and by state", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const batches = yield* BatchStore
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(5), { parallel: 2 })
      const labels = (executions: ReadonlyArray<{ readonly batch: { readonly label: string } | null }>) =>
        executions.map(({ batch }) => batch?.label)
      assert.deepStrictEqual(labels(yield* batches.members(account, batch.id, { limit: 2, after: 1 })), ["item-2", "item-3"])
      const waiting = yield* batches.members(account, batch.id, { limit: 9, states: ["held"] })
      assert.deepStrictEqual(labels(waiting), ["item-3", "item-4", "item-5"])
      yield* store.claim(newClaimant(), 1)
      yield* batches.cancel(account, batch.id)
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { leased: 1, canceled: 4 })
    }))

  it.effect("is nobody else's", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const batches = yield* BatchStore
      const other = newAccount()
      const { batch: { id } } = yield* acceptBatch(newAccount(), items(2))
      const options = { limit: 5 }
      assert.strictEqual(yield* tagOf(batches.find(other, id)), "UnknownBatch")
      assert.strictEqual(yield* tagOf(batches.members(other, id, options)), "UnknownBatch")
      assert.strictEqual(yield* tagOf(batches.finished(other, id, 0, 5)), "UnknownBatch")
      assert.strictEqual(yield* tagOf(batches.failures(other, id)), "UnknownBatch")
      assert.strictEqual(yield* tagOf(batches.cancel(other, id)), "UnknownBatch")
      assert.strictEqual(yield* tagOf(batches.uploaded(other, id, 5)), "UnknownBatch")
      assert.strictEqual(yield* tagOf(batches.remove(other, id, () => Effect.void)), "UnknownBatch")
      assert.deepStrictEqual(yield* batches.list(other, options), [])
      assert.deepStrictEqual(yield* batches.matching(other, "batch_", 5), [])
      yield* runAll()
    }))
}
