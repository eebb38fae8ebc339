import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { ExecutionEvent } from "rgrid/domain/ExecutionEvent"
import type { State } from "rgrid/domain/ExecutionState"
import type { AccountId, ExecutionId } from "rgrid/domain/Id"
import { earlierRuns } from "rgrid/grid/canonical"
import { type Story, UnknownExecution } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { columns, type ExecutionRow, executionOf } from "../rows.ts"

interface Row extends ExecutionRow {
  readonly now: Date
  readonly lease_until: Date | null
  readonly script: string
}

interface EventRow {
  readonly type: string
  readonly state: State
  readonly fence: number
  readonly at: Date
  readonly data: ExecutionEvent["data"]
}

const eventOf = ({ at, data, fence, state, type }: EventRow): ExecutionEvent => ({
  type,
  state,
  attempt: fence,
  at: DateTime.fromDateUnsafe(at),
  data
})

/** Anybody's: the queue is one. Over the partial index on what is queued. */
const aheadOf = (db: Database, id: ExecutionId) =>
  db.grid<{ ahead: number }>`
    select count(*)::integer as ahead from executions e, executions own
    where own.id = ${id} and own.state = 'queued' and e.state = 'queued'
      and (e.turn, e.created_at, e.id) < (own.turn, own.created_at, own.id)`
    .pipe(Effect.map(([row]) => row?.ahead ?? 0))

const missingOf = (db: Database, id: ExecutionId) =>
  db.app<Story["missing"]>`
    select count(*)::integer as parts, coalesce(sum(p.size), 0)::float8 as bytes
    from execution_parts p where p.execution_id = ${id}
      and not exists (select 1 from parts s where s.account_id = p.account_id and s.sha256 = p.sha256)`
    .pipe(Effect.map(([row]) => row ?? { parts: 0, bytes: 0 }))

/** Of as many of the account's newest executions as a page of history is worth. */
const earlierOf = (db: Database, account: AccountId, { id, script }: Row) =>
  db.app<{ millis: number }>`
    select (extract(epoch from greatest(ended_at - started_at, interval '0')) * 1000)::bigint::float8 as millis
    from (
      select * from executions where account_id = ${account} and id < ${id} order by id desc limit 2000
    ) recent
    where script = ${script} and state = 'completed' and started_at is not null
    order by id desc limit ${earlierRuns}`
    .pipe(Effect.map((rows) => rows.map(({ millis }) => millis)))

const own = (db: Database, account: AccountId, id: ExecutionId) =>
  db.asAccount(account, Effect.gen(function*() {
    const sql = db.app
    const [row] = yield* sql<Row>`
      select ${sql.literal(columns.execution)}, e.script, e.lease_until, now() as now
      from executions e where account_id = ${account} and id = ${id}`
    if (row === undefined) return yield* new UnknownExecution({ id })
    const events = yield* sql<EventRow>`
      select h.type, h.state, h.fence, h.at, h.data from executions e, events_of(e.history) h where e.id = ${id} order by h.seq`
    const missing = row.state === "uploading" ? yield* missingOf(db, id) : { parts: 0, bytes: 0 }
    return { row, events, missing, earlier: yield* earlierOf(db, account, row) }
  }))

export const story = (db: Database) => (account: AccountId, id: ExecutionId) =>
  Effect.gen(function*() {
    const { earlier, events, missing, row } = yield* own(db, account, id)
    const ahead = row.state === "queued" ? yield* aheadOf(db, id) : 0
    return {
      execution: executionOf(row),
      now: DateTime.fromDateUnsafe(row.now),
      events: events.map(eventOf),
      ahead,
      missing,
      leaseUntil: row.lease_until === null ? null : DateTime.fromDateUnsafe(row.lease_until),
      earlier
    } satisfies Story
  })
