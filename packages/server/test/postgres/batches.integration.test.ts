/** A batch of ten thousand, by the record of its events. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BatchStore } from "rgrid/ports/BatchStore"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import * as BatchContract from "rgrid/testing/BatchStoreContract"
import * as Contract from "rgrid/testing/ExecutionStoreContract"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { embedded, owner, storeSettings } from "./fixtures.ts"

const [count, parallel] = [10_000, 7]

/** Takes what there is until nothing is left to take. */
const worker = Effect.gen(function*() {
  const store = yield* ExecutionStore
  const claimant = Contract.newClaimant()
  while (true) {
    const claims = yield* store.claim(claimant, 4)
    if (claims.length === 0) return
    yield* Effect.forEach(claims, (claim) => store.settle(claim, Contract.settlement()), { concurrency: 4, discard: true })
  }
})

describe("a batch of ten thousand", () => {
  layer(PostgresStores.layer(storeSettings).pipe(Layer.provideMerge(embedded)), {
    timeout: "5 minutes",
    excludeTestServices: true
  })((it) => {
    it.effect("never has more in the queue and with workers than it may, and ends each once", () =>
      Effect.gen(function*() {
        const account = Contract.newAccount()
        const { batch } = yield* BatchContract.acceptBatch(account, BatchContract.items(count), { parallel })
        yield* Effect.forEach([1, 2, 3], () => worker, { concurrency: "unbounded", discard: true })
        const ended = yield* BatchStore.use((store) => store.find(account, batch.id))
        assert.deepInclude(ended.counts, { completed: count, held: 0, queued: 0 })
        const sql = yield* owner
        // What a transaction gave back and gave away counts at the moment of its commit: first what was given back.
        const [record] = yield* sql<{ most: number; ends: number }>`
          select max(active)::integer as most, count(*) filter (where type = 'Settled')::integer as ends from (
            select h.type, sum(case when type = 'Settled' then -1 when h.state = 'queued' then 1 else 0 end)
              over (order by at, case type when 'Settled' then 0 else 1 end, e.id) as active
            from executions e, events_of(e.history) h where batch_id = ${batch.id}
          ) e`
        assert.deepStrictEqual(record, { most: parallel, ends: count })
        const numbers = yield* sql<{ first: number; last: number; all: number }>`
          select min(finished_number) as first, max(finished_number) as last, count(distinct finished_number)::integer as all
          from executions where batch_id = ${batch.id}`
        assert.deepStrictEqual(numbers, [{ first: 1, last: count, all: count }])
      }).pipe(Effect.scoped), 300_000)
  })
})
