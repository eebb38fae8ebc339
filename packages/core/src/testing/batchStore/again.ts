/** Items that run once more, or need not; and batches that go. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { batchId } from "../../domain/Id.ts"
import { BatchStore } from "../../ports/BatchStore.ts"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"
import { drained, hash, newAccount, newClaimant, newId, settlement, tagOf, withFile } from "../executionStore/fixtures.ts"
import { acceptBatch, countsOf, failed, items, type Methods, type Options, runAll, withPart } from "./fixtures.ts"

const resume = { resume: true } as const

export const again = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("leaves out what was completed with the same content, and says what changed of the rest", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const hashes = Array.from({ length: 5 }, hash)
      const other = hash()
      yield* Effect.forEach([...hashes, other], (sha256) => store.recordPart(account, { sha256, size: 1 }))
      const members = () => items(5, (n) => withPart(hashes[n - 1]!))
      yield* acceptBatch(account, members(), { job: { env: { A: "1" } } })
      yield* runAll((_, index) => index === 1 ? failed() : {})
      const changed = members().map((one, index) =>
        index === 2 ? { ...one, ...withPart(other) } : index === 3 ? { ...one, args: ["item-4", "-v"] } : one)
      const { batch, resumption } = yield* acceptBatch(account, changed, { job: { env: { A: "1" } }, options: resume })
      assert.deepInclude(batch, { total: 3, skipped: 2 })
      assert.deepStrictEqual(resumption?.earlier.map(({ label }) => label), ["item-1", "item-5"])
      assert.deepStrictEqual(resumption?.again, [
        { label: "item-2", changed: ["new"] },
        { label: "item-3", changed: ["inputs"] },
        { label: "item-4", changed: ["args"] }
      ])
      assert.deepStrictEqual(yield* runAll(), ["item-2", "item-3", "item-4"])
    }))

  it.effect("runs all again when a variable or the script changed, and nothing when nothing did", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const [one, two] = [hash(), hash()]
      yield* Effect.forEach([one, two], (sha256) => store.recordPart(account, { sha256, size: 1 }))
      const asked = (script: typeof one, value: string) => ({
        job: withFile({ sha256: script, size: 1 }, { env: { A: value } }),
        options: resume
      })
      const first = yield* acceptBatch(account, items(2), asked(one, "1"))
      assert.deepStrictEqual(first.resumption?.again.map(({ changed }) => changed), [["new"], ["new"]])
      yield* runAll()
      const same = yield* acceptBatch(account, items(2), asked(one, "1"))
      assert.deepInclude(same.batch, { total: 0, skipped: 2 })
      assert.isNotNull(same.batch.endedAt)
      const variable = yield* acceptBatch(account, items(1), asked(one, "2"))
      assert.deepStrictEqual(variable.resumption?.again[0]?.changed, ["env"])
      yield* runAll()
      const script = yield* acceptBatch(account, items(1), asked(two, "2"))
      assert.deepStrictEqual(script.resumption?.again[0]?.changed, ["script"])
      yield* runAll()
      const elsewhere = yield* acceptBatch(newAccount(), items(1), { options: resume })
      assert.deepStrictEqual(elsewhere.resumption?.again[0]?.changed, ["new"])
      yield* runAll()
    }))

  it.effect("runs again what ran in another image of the same name", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const account = newAccount()
      const all = () => acceptBatch(account, items(2), { options: resume })
      yield* all()
      yield* runAll((_, index) => ({ runtimeDigest: index === 0 ? "sha256:old" : "sha256:new" }))
      const { batch, resumption } = yield* all()
      assert.deepInclude(batch, { total: 1, skipped: 1 })
      assert.deepStrictEqual(resumption?.again, [{ label: "item-1", changed: ["runtime"] }])
      yield* runAll(() => ({ runtimeDigest: "sha256:new" }))
      assert.strictEqual((yield* all()).batch.total, 0)
    }))

  it.effect("runs some members once more, as a new batch with what was changed", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const batches = yield* BatchStore
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(4), { job: { env: { A: "1" } }, parallel: 3 })
      yield* runAll((claim) => ["item-2", "item-4"].includes(claim.spec.args[0]!) ? failed() : {})
      const failures = yield* batches.failures(account, batch.id)
      assert.deepStrictEqual(failures.map(({ position }) => position), [2, 4])
      const retry = { id: batchId(Date.now()), positions: [2, 4], executions: [newId(), newId()], over: { env: { B: "2" } } }
      const retried = yield* batches.retry(account, batch.id, retry)
      assert.deepInclude(retried, { total: 2, retryOf: batch.id })
      const members = yield* batches.members(account, retried.id, { limit: 5 })
      assert.deepStrictEqual(members.map((member) => [member.batch?.position, member.batch?.name]), [[1, "item-2"], [2, "item-4"]])
      const seen: Array<unknown> = []
      yield* runAll(({ spec }) => {
        seen.push([spec.args[0], spec.env])
        return {}
      })
      assert.deepStrictEqual(seen, [["item-2", { A: "1", B: "2" }], ["item-4", { A: "1", B: "2" }]])
      const none = { ...retry, id: batchId(Date.now()), positions: [9] }
      assert.strictEqual(yield* tagOf(batches.retry(account, batch.id, none)), "BatchNotRepeatable")
    }))

  it.effect("does not run again what still runs, nor what never had its files", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const batches = yield* BatchStore
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(1, () => withPart(hash())))
      const retry = () => ({ id: batchId(Date.now()), positions: [1], executions: [newId()], over: {} })
      assert.strictEqual(yield* tagOf(batches.retry(account, batch.id, retry())), "NotEnded")
      yield* expire
      yield* store.sweep
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { failed: 1 })
      assert.strictEqual(yield* tagOf(batches.retry(account, batch.id, retry())), "BatchNotRepeatable")
    }))

  it.effect("goes with its members, and with the parts that nothing else pins", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const batches = yield* BatchStore
      const account = newAccount()
      const [script, own, shared] = [hash(), hash(), hash()]
      yield* Effect.forEach([script, own, shared], (sha256) => store.recordPart(account, { sha256, size: 1 }))
      yield* store.accept({ id: newId(), account, spec: withFile({ sha256: shared, size: 1 }) })
      const members = items(2, (n) => withPart(n === 1 ? own : shared))
      const { batch } = yield* acceptBatch(account, members, { job: withFile({ sha256: script, size: 1 }) })
      const claims = yield* store.claim(newClaimant(), 9)
      const discard = (gone: { readonly parts: ReadonlyArray<string> }) => Effect.sync(() => void discarded.push(...gone.parts))
      const discarded: Array<string> = []
      assert.strictEqual(yield* tagOf(batches.remove(account, batch.id, discard)), "NotEnded")
      yield* Effect.forEach(claims, (claim) => store.settle(claim, settlement()), { discard: true })
      yield* batches.remove(account, batch.id, discard)
      assert.sameMembers(discarded, [script, own])
      assert.strictEqual(yield* tagOf(batches.find(account, batch.id)), "UnknownBatch")
      assert.strictEqual((yield* ExecutionStore.use((executions) => executions.list(account, { limit: 9 }))).length, 1)
      assert.deepStrictEqual([...yield* store.storedParts(account, [script, own, shared])], [shared])
    }))
}
