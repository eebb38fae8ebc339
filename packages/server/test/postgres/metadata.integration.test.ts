/** Finding executions by what they were given walks an index, however many there are. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Contract from "rgrid/testing/ExecutionStoreContract"
import { pairHash } from "../../src/adapters/postgres/metadata.ts"
import { PostgresServer } from "../../src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { appRole, startupOptions } from "../../src/adapters/postgres/Roles.ts"
import { having } from "../../src/adapters/postgres/verbs/find.ts"
import { connect, embedded, owner, storeSettings } from "./fixtures.ts"

describe("metadata in Postgres", () => {
  layer(PostgresStores.layer(storeSettings).pipe(Layer.provideMerge(embedded)), {
    timeout: "60 seconds",
    excludeTestServices: true
  })((it) => {
    it.effect("is looked up in its index, as an account sees it", () =>
      Effect.gen(function*() {
        const account = Contract.newAccount()
        const sql = yield* owner
        yield* sql`insert into executions (id, account_id, request_hash, state, retries, spec, script, workspace, env_names,
          sealed_env) select 'exec_' || lpad(n::text, 26, '0'), ${account}, '', 'queued', 0, '{}', 'a.py', '{}', '{}', ''
          from generate_series(1, 30000) n`
        yield* sql`insert into execution_metadata (account_id, pair, execution_id)
          select account_id, case when right(id, 3) = '000' then ${pairHash("team", "blue")} else 'other' end, id
          from executions where account_id = ${account}`
        yield* sql`analyze executions, execution_metadata`
        const session = yield* connect((yield* PostgresServer).ownerUrl, startupOptions(appRole))
        const rows = yield* session.withTransaction(Effect.andThen(
          session`select set_config('rgrid.account', ${account}, true)`,
          session<{ "QUERY PLAN": string }>`explain select id from executions e where account_id = ${account}
            and ${having(session, account, ["team", "blue"])} order by id desc limit 20`
        ))
        const plan = rows.map((row) => row["QUERY PLAN"]).join("\n")
        assert.include(plan, "execution_metadata_pkey")
        assert.notInclude(plan, "Seq Scan")
      }))
  })
})
