import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import type { Sha256 } from "rgrid/domain/JobSpec"
import { type Accepted, type Part, UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { ofMembers, promote } from "../gates.ts"
import { columns, type ExecutionRow, executionOf } from "../rows.ts"
import { apply, judge } from "../transitions.ts"

/**
 * Those of `parts` that the account has not stored. The stored ones' rows are locked against removal until the
 * transaction ends: by then the pins stand.
 */
export const missingOf = Effect.fnUntraced(function*(db: Database, account: AccountId, parts: ReadonlyArray<Part>) {
  if (parts.length === 0) return []
  const sql = db.app
  const rows = yield* sql<{ sha256: Sha256 }>`
    select sha256 from parts where account_id = ${account} and sha256 = any(${parts.map((part) => part.sha256)}::text[])
    order by sha256 for key share`
  const stored = new Set(rows.map((row) => row.sha256))
  return parts.filter((part) => !stored.has(part.sha256))
})

/** Queues a locked row, or holds a batch's, once nothing is missing. What left `uploading` before misses nothing that would help it now. */
export const ready = Effect.fnUntraced(function*(db: Database, row: ExecutionRow) {
  const sql = db.app
  const verdict = judge(row, { _tag: "Uploaded", held: row.batch_id !== null })
  if (Result.isFailure(verdict)) return { execution: executionOf(row), missing: [] } satisfies Accepted
  const parts = yield* sql<Part>`
    select sha256, size::float8 as size from execution_parts where execution_id = ${row.id} order by sha256`
  const missing = yield* missingOf(db, row.account_id, parts)
  if (missing.length > 0) return { execution: executionOf(row), missing } satisfies Accepted
  const [moved] = yield* apply(db, sql, [verdict.success])
  return { execution: executionOf({ ...row, ...moved }), missing } satisfies Accepted
})

export const uploaded = (db: Database) => (account: AccountId, id: ExecutionId) =>
  db.asAccount(account, Effect.gen(function*() {
    const sql = db.app
    const gates = yield* ofMembers(sql, [id])
    const [row] = yield* sql<ExecutionRow>`
      select ${sql.literal(columns.execution)} from executions e
      where account_id = ${account} and id = ${id} for update`
    if (row === undefined) return yield* new UnknownExecution({ id })
    const accepted = yield* ready(db, row)
    yield* Effect.forEach(gates, (gate) => promote(db, sql, gate), { discard: true })
    return accepted
  }))
