/** What a batch lets run, and when it ends. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { BatchStore } from "../../ports/BatchStore.ts"
import { accept, drained, hash, newAccount, newClaimant, settlement } from "../executionStore/fixtures.ts"
import { acceptBatch, countsOf, failed, items, type Methods, type Options, runAll, withPart } from "./fixtures.ts"

export const gating = <R>(it: Methods<R>, { expire, pass }: Options<R, unknown>) => {
  it.effect("lets no more members be queued or run than it may, and lets the next in as one ends", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(5), { parallel: 2 })
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { queued: 2, held: 3 })
      const claims = yield* store.claim(newClaimant(), 10)
      assert.deepStrictEqual(claims.map(({ spec }) => spec.args), [["item-1"], ["item-2"]])
      yield* store.started(claims[0]!)
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { running: 1, leased: 1, held: 3 })
      yield* store.settle(claims[1]!, settlement())
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { running: 1, queued: 1, held: 2, completed: 1 })
      const [next] = yield* store.claim(newClaimant(), 10)
      assert.deepStrictEqual(next?.spec.args, ["item-3"])
      yield* store.settle(claims[0]!, settlement())
      yield* store.settle(next!, settlement())
      yield* runAll()
      const ended = yield* BatchStore.use((batches) => batches.find(account, batch.id))
      assert.isNotNull(ended.endedAt)
      assert.strictEqual(ended.counts.completed, 5)
    }))

  it.effect("keeps a lost member's place for it", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(3), { parallel: 1 })
      const [claim] = yield* store.claim(newClaimant(), 10)
      assert.strictEqual(yield* store.lose(claim!, "died"), "queued")
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { queued: 1, held: 2 })
      assert.deepStrictEqual(yield* runAll(), ["item-1", "item-2", "item-3"])
    }))

  it.effect("takes a lease that ran out back, and lets the next in when no attempt is left", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(2), { parallel: 1, job: { retries: 0 } })
      yield* store.claim(newClaimant(), 10)
      yield* expire
      yield* store.sweep
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { failed: 1, queued: 1 })
      yield* runAll()
    }))

  it.effect("takes turns with other batches, and with what is started alone", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      yield* acceptBatch(account, items(8, (n) => ({ args: [`a${n}`] })), { parallel: 8 })
      yield* acceptBatch(newAccount(), items(2, (n) => ({ args: [`b${n}`] })), { parallel: 8 })
      yield* accept(newAccount(), { args: ["c"] })
      const claims = yield* store.claim(newClaimant(), 4)
      assert.deepStrictEqual(claims.map(({ spec }) => spec.args[0]).sort(), ["a1", "a2", "b1", "c"])
      yield* Effect.forEach(claims, (claim) => store.settle(claim, settlement()), { discard: true })
      yield* runAll()
    }))

  it.effect("lets those in that are whole ahead of those whose files are to come, one turn apart", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const lacking = withPart(hash())
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(10, (n) => n <= 8 ? lacking : {}), { parallel: 4 })
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { uploading: 8, queued: 2 })
      yield* acceptBatch(newAccount(), items(10, (n) => ({ args: [`other-${n}`] })), { parallel: 10 })
      const claims = yield* store.claim(newClaimant(), 4)
      assert.deepStrictEqual(claims.map(({ spec }) => spec.args[0]).sort(), ["item-10", "item-9", "other-1", "other-2"])
      yield* Effect.forEach(claims, (claim) => store.settle(claim, settlement()), { discard: true })
      yield* BatchStore.use((batches) => batches.cancel(account, batch.id))
      yield* runAll()
    }))

  it.effect("gives an account with two batches no more than one with one", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const [one, two] = [newAccount(), newAccount()]
      yield* acceptBatch(one, items(8, () => ({ args: ["x"] })), { parallel: 4 })
      yield* acceptBatch(one, items(8, () => ({ args: ["x"] })), { parallel: 4 })
      yield* acceptBatch(two, items(16, () => ({ args: ["y"] })), { parallel: 8 })
      const order: Array<string> = []
      for (let round = 0; round < 16; round++) {
        const [claim] = yield* store.claim(newClaimant(), 1)
        order.push(claim?.spec.args[0] ?? "")
        yield* store.settle(claim!, settlement())
      }
      const share = order.filter((arg) => arg === "y").length
      assert.isAtLeast(share, 6)
      assert.isAtMost(share, 10)
      yield* runAll()
    }))

  it.effect("halts soon: what runs goes on, nothing else starts", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const halt = { when: "soon", on: "fail", amount: 1, unit: "items" } as const
      const { batch } = yield* acceptBatch(account, items(6), { parallel: 3, options: { halt } })
      const claims = yield* store.claim(newClaimant(), 2)
      yield* store.settle(claims[0]!, settlement(failed()))
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { leased: 1, failed: 1, canceled: 4 })
      yield* store.settle(claims[1]!, settlement())
      const ended = yield* BatchStore.use((batches) => batches.find(account, batch.id))
      assert.strictEqual(ended.halted, "halt")
      assert.isNotNull(ended.endedAt)
      const members = yield* BatchStore.use((batches) => batches.members(account, batch.id, { limit: 10, after: 2 }))
      assert.strictEqual(members.length, 4)
      for (const { failure } of members) assert.deepStrictEqual(failure, { _tag: "Halted", by: "halt" })
    }))

  it.effect("halts now: what runs is asked to end, and comes back for no other attempt", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const halt = { when: "now", on: "success", amount: 1, unit: "items" } as const
      const { batch } = yield* acceptBatch(account, items(4), { parallel: 2, options: { halt } })
      const claims = yield* store.claim(newClaimant(), 2)
      yield* store.settle(claims[0]!, settlement())
      const running = yield* store.find(account, claims[1]!.execution)
      assert.isTrue(running.cancelRequested)
      assert.strictEqual(yield* store.lose(claims[1]!, "killed"), "canceled")
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { completed: 1, canceled: 3 })
    }))

  it.effect("does not queue again what a halted batch lost to the grid", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const halt = { when: "soon", on: "done", amount: 1, unit: "items" } as const
      const { batch } = yield* acceptBatch(account, items(3), { parallel: 2, options: { halt } })
      const claims = yield* store.claim(newClaimant(), 2)
      yield* store.settle(claims[0]!, settlement())
      yield* store.lose(claims[1]!, "died")
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { completed: 1, canceled: 2 })
    }))

  it.effect("tries what can't be installed once, not for every item", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(50), { parallel: 1 })
      const [claim] = yield* store.claim(newClaimant(), 1)
      const failure = { _tag: "DependenciesFailed", declared: "requirements.txt", reason: "refused", tail: "no" } as const
      yield* store.settle(claim!, settlement(failed(failure)))
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { failed: 1, canceled: 49 })
    }))

  it.effect("gives a member so much of the usual time, once that is known", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      yield* acceptBatch(account, items(5), { parallel: 1, options: { timeoutPercent: 1_000_000 } })
      for (let done = 0; done < 3; done++) {
        const [claim] = yield* store.claim(newClaimant(), 1)
        assert.isUndefined(claim?.spec.timeoutSeconds)
        yield* store.started(claim!)
        yield* pass(20)
        yield* store.settle(claim!, settlement())
      }
      const [claim] = yield* store.claim(newClaimant(), 1)
      assert.isAtLeast(claim?.spec.timeoutSeconds ?? 0, 200)
      yield* store.settle(claim!, settlement())
      yield* runAll()
    }))

  it.effect("never exceeds its limit, whatever becomes of its members", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const { batch } = yield* acceptBatch(account, items(120), { parallel: 7 })
      let most = 0
      yield* Effect.forEach([1, 2, 3], (worker) =>
        Effect.gen(function*() {
          while (true) {
            const claims = yield* store.claim(newClaimant(), worker)
            const { counts } = yield* BatchStore.use((batches) => batches.find(account, batch.id))
            most = Math.max(most, counts.queued + counts.leased + counts.running)
            if (claims.length === 0 && counts.held + counts.queued === 0) return
            for (const [index, claim] of claims.entries()) {
              if (index === 1 && claim.fence === 1) yield* store.lose(claim, "died")
              else yield* Effect.andThen(store.started(claim), store.settle(claim, settlement()))
            }
          }
        }), { concurrency: 3, discard: true })
      assert.strictEqual(most, 7)
      assert.deepStrictEqual(yield* countsOf(account, batch.id), { completed: 120 })
    }))
}
