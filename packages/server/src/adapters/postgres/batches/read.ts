import * as Effect from "effect/Effect"
import type { AccountId, BatchId } from "rgrid/domain/Id"
import { type FailedMember, type Finished, type MemberFilter, UnknownBatch } from "rgrid/ports/BatchStore"
import type { Database } from "../Database.ts"
import { columns, type ExecutionRow, executionOf } from "../rows.ts"
import { read } from "./rows.ts"

/** Most of a page. */
const longest = 1000

export const findBatch = (db: Database) => (account: AccountId, id: BatchId) =>
  db.asAccount(account, read(db.app, db.app`b.account_id = ${account} and b.id = ${id}`))
    .pipe(Effect.flatMap(([batch]) => batch === undefined ? Effect.fail(new UnknownBatch({ id })) : Effect.succeed(batch)))

export const matchingBatches = (db: Database) => (account: AccountId, prefix: string, limit: number) =>
  db.asAccount(account, db.app<{ id: BatchId }>`
    select id from batches where account_id = ${account} and id >= ${prefix} and id < ${`${prefix}{`}
    order by id desc limit ${limit}`)
    .pipe(Effect.map((rows) => rows.map(({ id }) => id)))

export const listBatches = (db: Database) =>
(account: AccountId, { before, limit }: { readonly limit: number; readonly before?: BatchId }) => {
  const sql = db.app
  const older = before === undefined ? sql`true` : sql`b.id < ${before}`
  return db.asAccount(
    account,
    read(sql, sql`b.account_id = ${account} and ${older} order by b.id desc limit ${Math.min(limit, longest)}`)
  )
}

/** Something of a batch that is there. */
const within = <A, E>(db: Database, account: AccountId, id: BatchId, rows: Effect.Effect<ReadonlyArray<A>, E>) =>
  db.asAccount(account, Effect.gen(function*() {
    const found = yield* rows
    if (found.length > 0) return found
    const [batch] = yield* db.app`select id from batches where account_id = ${account} and id = ${id}`
    return batch === undefined ? yield* new UnknownBatch({ id }) : found
  }))

export const members = (db: Database) =>
(account: AccountId, id: BatchId, { after = 0, limit, states }: MemberFilter) => {
  const sql = db.app
  const wanted = states === undefined ? sql`true` : sql`state = any(${states}::text[])`
  return within(db, account, id, sql<ExecutionRow>`
    select ${sql.literal(columns.execution)} from executions e
    where batch_id = ${id} and position > ${after} and ${wanted} order by position limit ${Math.min(limit, longest)}`)
    .pipe(Effect.map((rows) => rows.map(executionOf)))
}

export const finished = (db: Database) => (account: AccountId, id: BatchId, after: number, limit: number) => {
  const sql = db.app
  return within(db, account, id, sql<ExecutionRow & { readonly finished_number: number }>`
    select ${sql.literal(columns.execution)}, e.finished_number from executions e
    where batch_id = ${id} and finished_number > ${after} order by finished_number limit ${Math.min(limit, longest)}`)
    .pipe(Effect.map((rows) => rows.map((row): Finished => ({ number: row.finished_number, execution: executionOf(row) }))))
}

interface FailureRow extends Pick<FailedMember, "position" | "state" | "failure"> {
  readonly id: FailedMember["execution"]
}

export const failures = (db: Database) => (account: AccountId, id: BatchId) =>
  within(db, account, id, db.app<FailureRow>`
    select id, position, state, failure from executions
    where batch_id = ${id} and finished_number is not null and state <> 'completed' order by position`)
    .pipe(Effect.map((rows) => rows.map(({ id, ...rest }): FailedMember => ({ execution: id, ...rest }))))
