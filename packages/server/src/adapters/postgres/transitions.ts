/** Applying the state machine's verdict to rows: the one statement through which states change, but for the claim. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Event, isPlaced, type Life, type Refusal, transition } from "rgrid/domain/ExecutionState"
import type { Hint, Settlement } from "rgrid/ports/ExecutionStore"
import type { Database } from "./Database.ts"
import { happened } from "./history.ts"
import { columns, lifeOf, type LifeRow, type OwnRow } from "./rows.ts"
import { settled, settlementColumns, settlementNames } from "./settlements.ts"

/** A verdict about a row as it was seen. */
export interface Move {
  readonly row: LifeRow
  readonly event: Event
  readonly next: Life
  /** What is written beside a settling move. */
  readonly settlement?: Settlement
}

export const judge = (row: LifeRow, event: Event): Result.Result<Move, Refusal> =>
  Result.map(transition(lifeOf(row), event), (next) => ({ row, event, next }))

/** Whether a move leaves everything as it is: asked twice. */
export const isIdle = ({ next, row }: Move): boolean =>
  next.state === row.state && next.cancelRequested === row.cancel_requested && next.lost === row.lost

const hintsOf = (move: Move): ReadonlyArray<Hint> => {
  const execution = move.row.id
  if (move.next.state === "queued") return [{ _tag: "Queued" }, { _tag: "Changed", execution }]
  if (move.event._tag === "CancelRequested" && isPlaced(move.next.state)) {
    return [{ _tag: "CancelRequested", execution, runner: move.row.runner }]
  }
  return [{ _tag: "Changed", execution }]
}

const detailOf = (event: Event) => (event._tag === "AttemptLost" ? { detail: event.detail, counts: event.counts } : {})

/** Columns of the moves, as arrays. Documents go as text: the database's own functions choke on NUL inside them. */
const changesOf = (sql: PgClient.PgClient, moves: ReadonlyArray<Move>) => {
  // '' for none: the driver can't tell the type of an array of nulls.
  const failures = moves.map(({ next }) => (next.failure === null ? "" : JSON.stringify(next.failure)))
  const data = moves.map(({ event, next: { failure }, settlement }) =>
    JSON.stringify({
      ...detailOf(event),
      ...(failure === null ? {} : { failure }),
      ...(settlement?.phases === undefined ? {} : { phases: settlement.phases })
    }))
  const [more, names] = settling(moves) ? [sql`, ${settlementColumns(sql, moves)}`, `, ${settlementNames}`] : [sql``, ""]
  return sql`unnest(
    ${moves.map(({ row }) => row.id)}::text[], ${moves.map(({ row }) => row.version)}::integer[],
    ${moves.map(({ next }) => next.state)}::text[], ${moves.map(({ next }) => next.lost)}::integer[],
    ${moves.map(({ next }) => next.cancelRequested)}::boolean[], ${failures}::text[],
    ${moves.map(({ event }) => event._tag)}::text[], ${data}::text[] ${more}
  ) with ordinality as c(id, seen, state, lost, cancel, failure, event, data ${sql.literal(names)}, place)`
}

/** Whether any of them writes more than its state. */
const settling = (moves: ReadonlyArray<Move>): boolean => moves.some(({ settlement }) => settlement !== undefined)

/** Microseconds in the slot that an attempt now leaves; 0 for every other change. */
const used = `case when e.state in ('leased', 'running') and c.state not in ('leased', 'running')
  then greatest(0, extract(epoch from now() - e.claimed_at) * 1000000)::bigint else 0 end`

const ends = "c.state in ('completed', 'failed', 'timed_out', 'canceled')"

/** As `domain/Money.ts` has it, in numbers of any size. A claim from before there were prices costs nothing. */
const charge = `coalesce(div(
  c.used::numeric * 2 * e.hourly_micros + 3600000000::numeric * e.worker_slots,
  2 * 3600000000::numeric * e.worker_slots
), 0)::bigint`

/** Column by column, what a new state means. A requeued execution has no holder; an ended one keeps its last. */
const assignments = `
  state = c.state,
  lost = c.lost,
  cancel_requested = c.cancel,
  finished_number = case when ${ends} and e.batch_id is not null then c.number else e.finished_number end,
  failure = nullif(c.failure, '')::json,
  version = e.version + 1,
  history = e.history || ${happened("c.event", "c.state", "e.fence", "c.data")},
  slot_microseconds = e.slot_microseconds + c.used,
  cost_micros = e.cost_micros + ${charge},
  lease_until = case when c.state in ('leased', 'running') then e.lease_until end,
  ended_at = case when ${ends} then now() end,
  started_at = case when c.state = 'running' then coalesce(e.started_at, now()) when c.state = 'queued' then null
    when c.event = 'Settled' then coalesce(e.started_at, e.claimed_at) else e.started_at end,
  runner = case when c.state <> 'queued' then e.runner end,
  incarnation = case when c.state <> 'queued' then e.incarnation end,
  sandbox = case when c.state <> 'queued' then e.sandbox end`

/**
 * Writes moves and what is told of them; hints follow the commit. Members of a batch come here through its gate (`gates.ts`)
 * with how many of it ended before: those that end now have the next numbers, in the order of the moves. A row that changed
 * since it was seen is left alone and missing in the answer: the caller looks again. Rows are locked in the order of their
 * ids, as everywhere: two at once can't wait in a circle.
 */
export const apply = (db: Database, sql: PgClient.PgClient, moves: ReadonlyArray<Move>, finished = 0) =>
  sql<OwnRow>`
    with seen as (
      select c.*, ${sql.literal(used)} as used from ${changesOf(sql, moves)} join executions e on e.id = c.id
      where e.version = c.seen order by e.id for update of e
    ), change as (
      select *, ${finished}::integer + row_number() over (partition by ${sql.literal(ends)} order by c.place) as number from seen c
    )
    update executions e set ${sql.literal(assignments)} ${sql.literal(settling(moves) ? settled : "")}
    from change c where e.id = c.id and e.version = c.seen
    returning ${sql.literal(columns.own)}`
    .pipe(Effect.tap((rows) => (rows.length === 0 ? Effect.void : sql.afterCommit(db.tell(moves.flatMap(hintsOf))))))
