/** Brings the schema to this program's version, once, however many servers start at the same moment. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { MigrationRefused } from "./errors.ts"
import { ensureRoles } from "./Roles.ts"

export interface Migration {
  readonly id: number
  readonly name: string
  readonly statements: ReadonlyArray<string>
}

/** The nearest folder above this module with a manifest: right for the sources and for the bundle in `dist`. */
const packageRoot = (from: string): string => {
  const parent = dirname(from)
  if (parent === from) throw new Error("The package's sql folder is missing")
  return existsSync(join(parent, "package.json")) ? parent : packageRoot(parent)
}

export const sqlDirectory = (): string => join(packageRoot(fileURLToPath(import.meta.url)), "sql")

/** A file holds several statements, the driver's protocol takes one: lines with `--;;` alone part them. */
export const split = (text: string): ReadonlyArray<string> =>
  text.split(/^--;;$/m).map((statement) => statement.trim()).filter((statement) => statement !== "")

/** In order of their numbers. */
export const read = (directory: string): ReadonlyArray<Migration> =>
  readdirSync(directory)
    .flatMap((file) => {
      const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file)
      if (match === null) return []
      return [{ id: Number(match[1]), name: match[2]!, statements: split(readFileSync(join(directory, file), "utf8")) }]
    })
    .sort((a, b) => a.id - b.id)

/** Any number will do that no other program picks: "rgrid" on a telephone's keys. */
const lock = 74_743

const refusal = (applied: ReadonlyArray<{ id: number; name: string }>, known: ReadonlyArray<Migration>) => {
  for (const { id, name } of applied) {
    const ours = known.find((migration) => migration.id === id)
    if (ours === undefined) {
      return `The database is at schema ${id} (${name}), this server knows up to ${known.at(-1)?.id ?? 0}: ` +
        "run the newer server, or restore a backup from before its upgrade"
    }
    if (ours.name !== name) return `Schema ${id} was "${name}" in the database and is "${ours.name}" in this server`
  }
  return undefined
}

/** Applies what is missing, in one transaction: all of it or nothing. Answers the schema's version. */
export const migrate = Effect.fnUntraced(function*(sql: PgClient.PgClient, known: ReadonlyArray<Migration>) {
  return yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`select pg_advisory_xact_lock(${lock})`
    yield* ensureRoles(sql)
    yield* sql`create table if not exists rgrid_migrations (
      id integer primary key, name text not null, applied_at timestamptz not null default now()
    )`
    yield* sql`grant select on rgrid_migrations to rgrid_grid`
    const applied = yield* sql<{ id: number; name: string }>`select id, name from rgrid_migrations order by id desc`
    const refused = refusal(applied, known)
    if (refused !== undefined) return yield* new MigrationRefused({ detail: refused })
    const newest = applied[0]?.id ?? 0
    for (const { id, name, statements } of known.filter((migration) => migration.id > newest)) {
      for (const statement of statements) yield* sql`${sql.literal(statement)}`.unprepared
      yield* sql`insert into rgrid_migrations (id, name) values (${id}, ${name})`
    }
    return known.at(-1)?.id ?? 0
  }))
})
