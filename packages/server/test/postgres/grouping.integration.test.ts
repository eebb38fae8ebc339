/** What the database refuses of a group is refused to the one that asked for it. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import * as Contract from "rgrid/testing/ExecutionStoreContract"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { embedded, owner, storeSettings } from "./fixtures.ts"

describe("calls taken together", () => {
  layer(PostgresStores.layer(storeSettings).pipe(Layer.provideMerge(embedded)), { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect("fail alone when one of them can never be written", () =>
      Effect.gen(function*() {
        const store = yield* ExecutionStore
        const account = Contract.newAccount()
        const id = Contract.newId()
        const ask = (over: Parameters<typeof Contract.spec>[0] = {}, own = Contract.newId()) =>
          Effect.exit(store.accept({ id: own, account, spec: Contract.spec(over) }))
        const answers = yield* Effect.all([
          ...Array.from({ length: 20 }, () => ask()), ask({ script: "\u0000" }), ask({}, id), ask({}, id),
          ...Array.from({ length: 20 }, () => ask())
        ], { concurrency: "unbounded" })
        assert.isTrue(Exit.hasDies(answers[20]!))
        assert.strictEqual(answers.filter(Exit.isFailure).length, 2)
        assert.strictEqual((yield* store.list(account, { limit: 100 })).length, 41)
      }))

    it.effect("settle alone when one of them can never be written", () =>
      Effect.gen(function*() {
        const store = yield* ExecutionStore
        const claims = yield* store.claim(Contract.newClaimant(), 41)
        const bad = { ...Contract.settlement(), runtimeDigest: "\u0000" }
        const answers = yield* Effect.forEach(claims, (claim, i) =>
          Effect.exit(store.settle(claim, i === 9 ? bad : Contract.settlement())), { concurrency: "unbounded" })
        assert.deepStrictEqual(answers.flatMap((answer, i) => Exit.isFailure(answer) ? [i] : []), [9])
        assert.isFalse(answers.some((answer) => Exit.isSuccess(answer) && answer.value.duplicate))
      }))

    it.effect("share commits", () =>
      Effect.gen(function*() {
        const store = yield* ExecutionStore
        const sql = yield* owner
        const account = Contract.newAccount()
        yield* Effect.forEach(Array.from({ length: 100 }), () =>
          store.accept({ id: Contract.newId(), account, spec: Contract.spec() }), { concurrency: "unbounded" })
        const [made] = yield* sql<{ transactions: number }>`
          select count(distinct xmin::text)::integer as transactions from executions where account_id = ${account}`
        assert.isAtMost(made?.transactions ?? 100, 10)
      }).pipe(Effect.scoped))
  })
})
