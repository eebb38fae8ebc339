import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Migrations from "../../src/adapters/postgres/Migrations.ts"
import { prepare } from "../../src/adapters/postgres/PostgresStores.ts"
import { connect, embedded, freshDatabase } from "./fixtures.ts"
import { schemaDump } from "./schemaDump.ts"

const known = Migrations.read(Migrations.sqlDirectory())
const next = (statement: string): Migrations.Migration => ({ id: known.length + 1, name: "next", statements: [statement] })

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
        const urls = [yield* freshDatabase("left"), yield* freshDatabase("right")]
        assert.deepStrictEqual(yield* Effect.all(urls.map((url) => prepare(url)), { concurrency: 2 }), [known.length, known.length])
      }))

    it.effect("go on from where a database stands, and leave no half behind", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("half")
        yield* prepare(url)
        const bad = { ...next("create table extra (id integer)"), statements: ["create table extra (id integer)", "nonsense"] }
        assert.isTrue((yield* Effect.exit(prepare(url, undefined, [...known, bad])))._tag === "Failure")
        assert.strictEqual(yield* prepare(url, undefined, [...known, next("create table extra (id integer)")]), known.length + 1)
      }))

    it.effect("of a newer server are refused, in words", () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("newer")
        yield* prepare(url, undefined, [...known, next("create table extra (id integer)")])
        const error = yield* Effect.flip(prepare(url))
        assert.strictEqual(error._tag, "MigrationRefused")
        assert.include(error.detail, `schema ${known.length + 1} (next)`)
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
