import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { Identity } from "rgrid/ports/Identity"
import * as BatchContract from "rgrid/testing/BatchStoreContract"
import * as Contract from "rgrid/testing/ExecutionStoreContract"
import { PostgresServer } from "../../src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { appRole, gridRole, startupOptions } from "../../src/adapters/postgres/Roles.ts"
import { nextQueued } from "../../src/adapters/postgres/verbs/claim.ts"
import { connect, embedded, owner, storeSettings } from "./fixtures.ts"

const tables = ["batches", "accounts", "api_keys", "parts", "executions", "execution_parts", "execution_metadata"]

/** One row in every table. */
const filled = Effect.gen(function*() {
  const store = yield* ExecutionStore
  const identity = yield* Identity
  const { account } = yield* identity.bootstrap("rgrid_live_0123456789ab_0123456789012345678901234567890123456789abc")
  const part = { sha256: Contract.settlement().log.sha256, size: 1 }
  yield* store.recordPart(account, part)
  const content = { size: 1, sha256: part.sha256, parts: [part.sha256] }
  const job = Contract.spec({
    files: [{ path: "a.py", mode: 0o600, content }],
    env: { OPEN: "env-value-in-clear" },
    metadata: { team: "blue" },
    secrets: { TOKEN: "secret-value-in-clear" }
  })
  const { execution } = yield* store.accept({ id: Contract.newId(), account, spec: job })
  yield* BatchContract.acceptBatch(account, BatchContract.items(1), { job: { env: { OPEN: "env-value-in-clear" } } })
  return { account, execution, session: connect((yield* PostgresServer).ownerUrl, startupOptions(appRole)) }
})

describe("accounts in Postgres", () => {
  layer(PostgresStores.layer(storeSettings).pipe(Layer.provideMerge(embedded)), {
    timeout: "60 seconds",
    excludeTestServices: true
  })((it) => {
    it.effect("are hidden from a session that says no account, or another's", () =>
      Effect.gen(function*() {
        const { account, session } = yield* filled
        const sql = yield* session
        const counts = Effect.forEach(tables, (table) =>
          Effect.map(sql.unsafe<{ n: number }>(`select count(*)::int as n from ${table}`), ([row]) => row?.n ?? -1))
        const as = (id: string) =>
          sql.withTransaction(Effect.andThen(sql`select set_config('rgrid.account', ${id}, true)`, counts))
        const none = tables.map(() => 0)
        assert.deepStrictEqual(yield* counts, none)
        assert.deepStrictEqual(yield* as(Contract.newAccount()), none)
        assert.isTrue((yield* as(account)).every((n) => n > 0))
        assert.deepStrictEqual(yield* counts, none)
      }))

    it.effect("can't write rows of another account", () =>
      Effect.gen(function*() {
        const { account, execution, session } = yield* filled
        const sql = yield* session
        const other = Contract.newAccount()
        const steal = sql`update executions set account_id = ${other} where id = ${execution.id} returning id`
        const plant = sql`insert into parts (account_id, sha256, size) values (${other}, ${"0".repeat(64)}, 1)`
        const asOwner = <A, E>(effect: Effect.Effect<A, E>) =>
          sql.withTransaction(Effect.andThen(sql`select set_config('rgrid.account', ${account}, true)`, effect))
        for (const write of [steal, plant]) {
          const { reason } = yield* Effect.flip(asOwner(write))
          assert.strictEqual(reason._tag, "AuthorizationError")
        }
        const elsewhere = sql.withTransaction(
          Effect.andThen(sql`select set_config('rgrid.account', ${other}, true)`, steal)
        )
        assert.deepStrictEqual(yield* elsewhere, [])
      }))

    it.effect("are served by roles that own nothing and can't undo it", () =>
      Effect.gen(function*() {
        const { ownerUrl } = yield* PostgresServer
        for (const role of [appRole, gridRole] as const) {
          const sql = yield* connect(ownerUrl, startupOptions(role))
          const { reason } = yield* Effect.flip(sql`alter table executions no force row level security`)
          assert.include(["SqlSyntaxError", "AuthorizationError"], reason._tag)
        }
        const sql = yield* owner
        const open = yield* sql`select relname from pg_class
          where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'rgrid_migrations'
            and not (relrowsecurity and relforcerowsecurity)`
        assert.deepStrictEqual(open, [])
      }))

    it.effect("have no environment value in any row", () =>
      Effect.gen(function*() {
        yield* filled
        const sql = yield* owner
        for (const table of tables) {
          const rows = yield* sql.unsafe<{ row: string }>(`select t::text || encode(
            ${["executions", "batches"].includes(table) ? "sealed_env" : "''::bytea"}, 'escape') as row from ${table} t`)
          for (const { row } of rows) assert.notMatch(row, /value-in-clear/)
        }
      }))

    it.effect("are claimed over the partial index, however many have ended", () =>
      Effect.gen(function*() {
        const { account } = yield* filled
        const sql = yield* owner
        yield* sql`insert into executions (id, account_id, request_hash, state, retries, script, spec, workspace,
            env_names, sealed_env, ended_at)
          select 'exec_old' || n, ${account}, '', 'completed', 0, 'x', '{}', '{}', '{}', '', now()
          from generate_series(1, 5000) n`
        yield* sql`analyze executions`
        const claim = `${nextQueued} limit 20 for update skip locked`
        const plan = yield* sql.unsafe<Record<string, string>>(`explain ${claim}`)
        const text = plan.map((row) => Object.values(row)[0]).join("\n")
        assert.include(text, "Index Scan using executions_queued")
        assert.notInclude(text, "Seq Scan")
        assert.notInclude(text, "Sort")
      }))

    it.effect("keep an event of every transition, numbered without a gap", () =>
      Effect.gen(function*() {
        const store = yield* ExecutionStore
        const account = Contract.newAccount()
        const { id } = yield* Contract.accept(account)
        const claimant = Contract.newClaimant()
        const claims = yield* store.claim(claimant, 1000)
        const mine = claims.find(({ execution }) => execution === id)!
        yield* store.started(mine)
        yield* store.started(mine)
        yield* store.cancel(account, id)
        yield* store.settle(mine, Contract.settlement())
        const sql = yield* owner
        const events = yield* sql<{ seq: number; type: string; state: string }>`
          select h.seq, h.type, h.state from executions e, events_of(e.history) h where e.id = ${id} order by seq`
        assert.deepStrictEqual(events.map(({ seq, state, type }) => [seq, type, state]), [
          [1, "Accepted", "queued"],
          [2, "Claimed", "leased"],
          [3, "Started", "running"],
          [4, "CancelRequested", "running"],
          [5, "Settled", "completed"]
        ])
      }))
  })
})
