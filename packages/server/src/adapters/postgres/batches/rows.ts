/** A batch as the driver gives it, and the domain's made of it. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { type Batch, type BatchOptions, type Counts, noCounts } from "rgrid/domain/Batch"
import type { State } from "rgrid/domain/ExecutionState"
import type { AccountId, BatchId } from "rgrid/domain/Id"
import type { JobSpec } from "rgrid/domain/JobSpec"
import { openMembers } from "../gates.ts"

type Head = Omit<JobSpec, "files" | "directories" | "env" | "secrets">

export interface BatchRow {
  readonly id: BatchId
  readonly account_id: AccountId
  readonly retry_of: BatchId | null
  readonly created_at: Date
  readonly ended_at: Date | null
  readonly spec: Head
  readonly options: BatchOptions
  readonly total: number
  readonly skipped: number
  readonly finished: number
  readonly completed: number
  readonly failed: number
  readonly timed_out: number
  readonly canceled: number
  readonly halted: Batch["halted"]
  readonly cost_micros: number
  readonly is_priced: boolean
}

/** For a table called `b`. */
export const batchColumns = "b.id, b.account_id, b.retry_of, b.created_at, b.ended_at, b.spec, b.options, b.total, " +
  "b.skipped, b.finished, b.completed, b.failed, b.timed_out, b.canceled, b.halted, " +
  "b.cost_micros::float8 as cost_micros, b.is_priced"

const batchOf = (row: BatchRow, open: Partial<Counts>): Batch => ({
  id: row.id,
  retryOf: row.retry_of,
  script: row.spec.script,
  args: row.spec.args,
  runtime: row.spec.runtime,
  cwd: row.spec.cwd,
  metadata: row.spec.metadata,
  total: row.total,
  skipped: row.skipped,
  options: row.options,
  counts: {
    ...noCounts,
    ...open,
    completed: row.completed,
    failed: row.failed,
    timed_out: row.timed_out,
    canceled: row.canceled
  },
  halted: row.halted,
  createdAt: DateTime.fromDateUnsafe(row.created_at),
  endedAt: row.ended_at === null ? null : DateTime.fromDateUnsafe(row.ended_at),
  cost: { micros: row.cost_micros, isPriced: row.is_priced }
})

interface Count {
  readonly state: State
  readonly members: number
}

/**
 * Rows with their counts. One transaction is no snapshot: a member that ends between the two looks would count in neither or
 * in both, so those that still go on are counted in the statement that reads the ends.
 */
export const read = (sql: PgClient.PgClient, where: ReturnType<PgClient.PgClient["literal"]>) =>
  sql<BatchRow & { readonly open: ReadonlyArray<Count> | null }>`
    select ${sql.literal(batchColumns)}, case when b.finished < b.total then (
      select json_agg(c) from (
        select state, count(*)::integer as members
        from (${openMembers(sql, sql.literal("b.account_id"), sql.literal("b.id"))}) open group by state
      ) c
    ) end as open
    from batches b where ${where}`
    .pipe(Effect.map((rows) =>
      rows.map(({ open, ...row }) =>
        batchOf(row, Object.fromEntries((open ?? []).map(({ members, state }) => [state, members]))))
    ))
