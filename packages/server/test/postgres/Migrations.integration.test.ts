import { assert, describe, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Migrations from "../../src/adapters/postgres/Migrations.ts"
import { pairHashes } from "../../src/adapters/postgres/metadata.ts"
import { prepare } from "../../src/adapters/postgres/PostgresStores.ts"
import { appRole, gridRole, startupOptions } from "../../src/adapters/postgres/Roles.ts"
import { connect, embedded, freshDatabase, owner } from "./fixtures.ts"
import { schemaDump } from "./schemaDump.ts"

const known = Migrations.read(Migrations.sqlDirectory())
const next = (...statements: ReadonlyArray<string>): Migrations.Migration => ({
  id: known.length + 1,
  name: "next",
  statements
})
const extra = "create table extra (id integer)"

describe("migrations", () => {
  layer(embedded, { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect("are numbered without a gap", () =>
      Effect.sync(() => assert.deepStrictEqual(known.map(({ id }) => id), known.map((_, i) => i + 1))))

    it.effect("are applied once by twenty servers that start at the same moment", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("twenty")
        // Each holds a connection, and the server has twenty in all: those refused wait and come again.
        const versions = yield* Effect.all(Array.from({ length: 20 }, () => prepare(url)), { concurrency: "unbounded" })
        assert.deepStrictEqual(new Set(versions), new Set([known.length]))
        const sql = yield* connect(url)
        const applied = yield* sql<{ id: number }>`select id from rgrid_migrations order by id`
        assert.deepStrictEqual(applied.map(({ id }) => id), known.map(({ id }) => id))
      }))

    it.effect("are applied by two databases of one server at the same moment", () =>
      Effect.gen(function*() {
        const urls = [yield* freshDatabase("one_side"), yield* freshDatabase("other_side")]
        const versions = yield* Effect.all(urls.map((url) => prepare(url)), { concurrency: 2 })
        assert.deepStrictEqual(versions, [known.length, known.length])
      }))

    it.effect("go on from where a database stands, and leave no half behind", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("half")
        yield* prepare(url)
        const bad = yield* Effect.exit(prepare(url, undefined, [...known, next(extra, "nonsense")]))
        assert.strictEqual(bad._tag, "Failure")
        assert.strictEqual(yield* prepare(url, undefined, [...known, next(extra)]), known.length + 1)
      }))

    it.effect("let what was there before be found by its metadata", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("described")
        yield* prepare(url, undefined, known.filter(({ id }) => id < 5))
        const sql = yield* connect(url)
        const odd = { "ü\n\u2028\u0001/\"": "\\ 🎈" }
        const specs = [JSON.stringify({ metadata: { team: "blue", ...odd } }), JSON.stringify({ args: ["\ud800"], metadata: {} })]
        for (const [i, spec] of specs.entries()) {
          yield* sql`insert into executions (id, account_id, request_hash, state, retries, spec, script, workspace, env_names,
            sealed_env) values (${`exec_${i}`}, 'acct_1', '', 'queued', 0, ${spec}::json, 'a.py', '{}', '{}', '')`
        }
        yield* prepare(url)
        const found = yield* sql<{ pair: string }>`select pair from execution_metadata where execution_id = 'exec_0'`
        const pairs = pairHashes({ team: "blue", ...odd })
        assert.deepStrictEqual(new Set(found.map(({ pair }) => pair)), new Set(pairs))
      }))

    it.effect("keep what happened before history stood in its execution's row", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("told")
        yield* prepare(url, undefined, known.filter(({ id }) => id < 8))
        const sql = yield* connect(url)
        yield* sql`insert into executions (id, account_id, request_hash, state, retries, spec, script, workspace, env_names,
          sealed_env) values ('exec_0', 'acct_1', '', 'queued', 0, '{}', 'a.py', '{}', '{}', '')`
        const [at, detail] = [new Date("2026-11-20T10:11:12.345Z"), "tab\t, newline\n, zero \0"]
        const lost = `{\n\t"detail": ${JSON.stringify(detail)}}`
        yield* sql`insert into events (account_id, execution_id, seq, type, state, fence, at, data) values
          ('acct_1', 'exec_0', 2, 'AttemptLost', 'queued', 3, ${at}, ${lost}::json),
          ('acct_1', 'exec_0', 1, 'Accepted', 'queued', 0, ${at}, '{}')`
        yield* prepare(url)
        const told = yield* sql<Record<string, unknown>>`
          select h.seq, h.type, h.state, h.fence, h.at, h.data from executions e, events_of(e.history) h order by h.seq`
        assert.deepStrictEqual(told, [
          { seq: 1, type: "Accepted", state: "queued", fence: 0, at, data: {} },
          { seq: 2, type: "AttemptLost", state: "queued", fence: 3, at, data: { detail } }
        ])
      }))

    it.effect("of a newer server are refused, in words", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("newer")
        yield* prepare(url, undefined, [...known, next(extra)])
        const error = yield* Effect.flip(prepare(url))
        assert.strictEqual(error._tag, "MigrationRefused")
        assert.include(error.detail, `schema ${known.length + 1} (next)`)
      }))

    it.effect("need no superuser, only a login that may make roles", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("plain")
        const sql = yield* owner
        yield* sql`create role plain login password 'plain' createrole`
        yield* sql`alter database plain owner to plain`
          const plain = Redacted.make(Redacted.value(url).replace(/\/\/[^@]+@/, "//plain:plain@"))
        // The roles are there already, made by somebody else: without being given them it may not go on.
        const error = yield* Effect.flip(prepare(plain))
        assert.strictEqual(error._tag, "MigrationRefused")
        yield* sql`grant rgrid_app, rgrid_grid to plain with admin option`
        assert.strictEqual(yield* prepare(plain), known.length)
        for (const role of [appRole, gridRole] as const) {
          const [row] = yield* Effect.flatMap(connect(plain, startupOptions(role)), (session) =>
            session<{ role: string }>`select current_user::text as role`)
          assert.strictEqual(row?.role, role)
        }
      }))

    it.effect("wait for a database that is not there yet, but not for ever", () =>
      Effect.gen(function*() {
        const nowhere = Redacted.make("postgres://rgrid:x@%2Fnowhere/postgres")
        const start = Date.now()
        const error = yield* Effect.flip(prepare(nowhere, Duration.seconds(1)))
        assert.strictEqual(error._tag, "StoreUnavailable")
        assert.isAtLeast(Date.now() - start, 900)
      }))

    it.effect("make the schema that is on record", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("dumped")
        yield* prepare(url)
        const dump = yield* schemaDump(yield* connect(url))
        const file = join(Migrations.sqlDirectory(), "schema.sql")
        if (process.env["RGRID_UPDATE_SCHEMA"] === "1") writeFileSync(file, dump)
        assert.strictEqual(existsSync(file) ? readFileSync(file, "utf8") : "", dump)
      }))
  })
})
