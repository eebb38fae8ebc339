import * as Effect from "effect/Effect"
import { emptyManifest } from "rgrid/domain/Execution"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import { type ListFilter, UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { pairHash } from "../metadata.ts"
import { columns, type ExecutionRow, executionOf, type ManifestRow } from "../rows.ts"

export const find = (db: Database) => (account: AccountId, id: ExecutionId) =>
  db.asAccount(account, db.app<ExecutionRow>`
    select ${db.app.literal(columns.execution)} from executions e where account_id = ${account} and id = ${id}`)
    .pipe(Effect.flatMap(([row]) =>
      row === undefined ? Effect.fail(new UnknownExecution({ id })) : Effect.succeed(executionOf(row))
    ))

export const manifest = (db: Database) => (account: AccountId, id: ExecutionId) =>
  db.asAccount(account, db.app<ManifestRow>`
    select manifest from executions where account_id = ${account} and id = ${id}`)
    .pipe(Effect.flatMap(([row]) =>
      row === undefined ? Effect.fail(new UnknownExecution({ id })) : Effect.succeed(row.manifest ?? emptyManifest)
    ))

/** Those whose metadata have the pair. */
export const having = (sql: Database["app"], account: AccountId, [key, value]: readonly [string, string]) =>
  sql`id in (select execution_id from execution_metadata where account_id = ${account} and pair = ${pairHash(key, value)})`

/** The port's own limit: a caller that asks for more gets this many. */
const longest = 1000

export const list = (db: Database) => (account: AccountId, filter: ListFilter) => {
  const sql = db.app
  const conditions = [
    sql`account_id = ${account}`,
    ...(filter.before === undefined ? [] : [sql`id < ${filter.before}`]),
    ...(filter.states === undefined ? [] : [sql`state = any(${filter.states}::text[])`]),
    ...(filter.script === undefined ? [] : [sql`script = ${filter.script}`]),
    ...(filter.metadata ?? []).map((pair) => having(sql, account, pair))
  ]
  return db.asAccount(account, sql<ExecutionRow>`
    select ${sql.literal(columns.execution)} from executions e
    where ${sql.and(conditions)} order by id desc limit ${Math.min(filter.limit, longest)}`)
    .pipe(Effect.map((rows) => rows.map(executionOf)))
}
