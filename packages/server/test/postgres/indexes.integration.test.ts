/** A million executions: what the grid asks for all the time is found by an index, as Postgres itself tells of each statement. */
import { assert, describe, layer } from "@effect/vitest"
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { BatchStore } from "rgrid/ports/BatchStore"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import * as BatchContract from "rgrid/testing/BatchStoreContract"
import * as Contract from "rgrid/testing/ExecutionStoreContract"
import * as EmbeddedPostgres from "../../src/adapters/postgres/EmbeddedPostgres.ts"
import { PostgresServer } from "../../src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { connect, owner, storeSettings, temporary } from "./fixtures.ts"

/** Where Postgres writes the plan of every statement. */
class Plans extends Context.Service<Plans, { readonly told: () => string }>()("test/Plans") {}

const explaining = `alter database postgres set session_preload_libraries = 'auto_explain';
alter database postgres set auto_explain.log_min_duration = 0`.split(";")

const run = (sql: PgClient.PgClient, statements: ReadonlyArray<string>) =>
  Effect.forEach(statements, (statement) => sql.unsafe(statement).unprepared, { discard: true })

const server = Layer.effectContext(Effect.gen(function*() {
  const dataDirectory = yield* temporary
  const context = yield* Layer.build(EmbeddedPostgres.layer({ dataDirectory }))
  const { ownerUrl } = Context.get(context, PostgresServer)
  yield* Effect.scoped(Effect.flatMap(connect(ownerUrl), (sql) => run(sql, explaining)))
  const told = () => readFileSync(join(dataDirectory, "postgres.log"), "utf8")
  return Context.add(context, Plans, { told })
})).pipe(Layer.provide(NodeServices.layer))

const count = 1_000_000

const past = `
  insert into executions (id, account_id, request_hash, state, retries, script, spec, workspace, env_names, sealed_env, ended_at,
    idempotency_key)
  select 'exec_0' || lpad(n::text, 25, '0'), 'acct_' || n % 20, '', 'completed', 0, 'a.py', '{}', '{}', '{}', '', now(),
    case when n % 10 = 0 then 'key-' || n end
  from generate_series(1, ${count}) n`

/** Indexes made afterwards are made in a tenth of the time. */
const filled = Effect.gen(function*() {
  const sql = yield* owner
  const indexes = yield* sql<{ indexname: string; indexdef: string }>`
    select indexname::text, indexdef from pg_indexes where tablename = 'executions' and indexname <> 'executions_pkey'`
  const drop = indexes.map(({ indexname }) => `drop index ${indexname}`)
  yield* run(sql, [...drop, past, ...indexes.map(({ indexdef }) => indexdef), "analyze"])
}).pipe(Effect.scoped)

/** What Postgres tells of the statements of `act`. */
const plansOf = Effect.fnUntraced(function*<A, E, R>(act: Effect.Effect<A, E, R>) {
  const { told } = yield* Plans
  const before = told().length
  yield* act
  return told().slice(before)
})

const account = Contract.newAccount()
const job = { id: Contract.newId(), account, spec: Contract.spec(), idempotencyKey: "mine" }

const asked = Effect.gen(function*() {
  const [store, batches] = [yield* ExecutionStore, yield* BatchStore]
  const { batch } = yield* BatchContract.acceptBatch(account, BatchContract.items(1000), { parallel: 5 })
  yield* store.accept(job)
  const claimant = Contract.newClaimant()
  const ended = Effect.gen(function*() {
    const claims = yield* store.claim(claimant, 3)
    yield* Effect.forEach(claims, (claim) => store.settle(claim, Contract.settlement()), { concurrency: "unbounded" })
  })
  return [
    ["a claim", store.claim(claimant, 2), "executions_queued"],
    ["whose turn a newcomer has", store.accept({ ...job, id: Contract.newId(), idempotencyKey: "another" }), "executions_flow"],
    ["a job by its key", store.accept({ ...job, id: Contract.newId() }), "executions_idempotency"],
    ["the next of a batch", ended, "executions_waiting"],
    ["one by its id", store.find(account, job.id), "executions_of_account"],
    ["leases that ran out", store.sweep, "executions_placed"],
    ["uploads that ran out", store.sweep, "executions_uploading"],
    ["a runner's from before", store.reclaim(claimant.runner, Contract.newClaimant().incarnation), "executions_placed"],
    ["leases to extend", store.extendLeases, "executions_placed"],
    ["an account's newest", store.list(account, { limit: 50 }), "executions_of_account"],
    ["ids by their beginning", store.matching(account, job.id.slice(0, 20), 5), "executions_of_account"],
    ["what was spent", store.costs(account, [{ from: Date.now() - 1000, until: Date.now() }]), "executions_ended"],
    ["whether anything is to be done", store.busy, "executions_queued"],
    ["a batch's ends", batches.finished(account, batch.id, 0, 10), "executions_finished"],
    ["a batch's members", batches.members(account, batch.id, { limit: 10 }), "executions_members"],
    ["a batch's counts", batches.find(account, batch.id), "executions_waiting"]
  ] as const
})

describe("a million executions", () => {
  layer(PostgresStores.layer(storeSettings).pipe(Layer.provideMerge(server)), { timeout: "3 minutes", excludeTestServices: true })((it) => {
    it.effect("are never all read, whatever is asked", () =>
      Effect.gen(function*() {
        yield* filled
        for (const [what, act, index] of yield* asked) {
          const plans = yield* plansOf(act as Effect.Effect<unknown, unknown>)
          assert.include(plans, index, what)
          assert.notMatch(plans, /Seq Scan on (executions|events|execution_parts)|BitmapAnd/, what)
        }
      }), 180_000)
  })
})
