/** Applying the state machine's verdict to rows: the one statement through which states change, but for the claim. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Event, isPlaced, type Life, type Refusal, transition } from "rgrid/domain/ExecutionState"
import type { ExecutionId } from "rgrid/domain/Id"
import type { Hint } from "rgrid/ports/ExecutionStore"
import { payloads } from "./hints.ts"
import { columns, type ExecutionRow, lifeOf, type LifeRow } from "./rows.ts"

/** A verdict about a row as it was seen. */
export interface Move {
  readonly row: LifeRow
  readonly event: Event
  readonly next: Life
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

/** `Queued` names nobody: once is enough for any number. */
const hintsOfAll = (moves: ReadonlyArray<Move>): ReadonlyArray<Hint> => {
  const all = moves.flatMap(hintsOf)
  const named = all.filter(({ _tag }) => _tag !== "Queued")
  return named.length < all.length ? [{ _tag: "Queued" }, ...named] : named
}

const detailOf = (event: Event) => (event._tag === "AttemptLost" ? { detail: event.detail, counts: event.counts } : {})

const changeOf = ({ event, next, row }: Move) => ({
  id: row.id,
  seen: row.version,
  state: next.state,
  lost: next.lost,
  cancel: next.cancelRequested,
  failure: next.failure,
  event: event._tag,
  data: { ...detailOf(event), ...(next.failure === null ? {} : { failure: next.failure }) }
})

/** Column by column, what a new state means. A requeued execution has no holder; an ended one keeps its last. */
const assignments = `
  state = c.state,
  lost = c.lost,
  cancel_requested = c.cancel,
  failure = c.failure,
  version = e.version + 1,
  lease_until = case when c.state in ('leased', 'running') then e.lease_until end,
  ended_at = case when c.state in ('completed', 'failed', 'timed_out', 'canceled') then now() end,
  started_at = case c.state when 'running' then coalesce(e.started_at, now()) when 'queued' then null
    else e.started_at end,
  runner = case when c.state <> 'queued' then e.runner end,
  incarnation = case when c.state <> 'queued' then e.incarnation end,
  sandbox = case when c.state <> 'queued' then e.sandbox end`

/**
 * Writes moves, their events and hints. A row that changed since it was seen is left alone and missing in the answer:
 * under a row lock that can't be; without one the caller looks again.
 */
export const apply = (sql: PgClient.PgClient, moves: ReadonlyArray<Move>, settlement: object | null = null) =>
  sql<ExecutionRow>`
    with change as (
      select * from jsonb_to_recordset(${sql.json(moves.map(changeOf))}) as c(
        id text, seen integer, state text, lost integer, cancel boolean, failure jsonb, event text, data jsonb
      )
    ), moved as (
      update executions e set ${sql.literal(assignments)} ${settlement === null ? sql.literal("") : settled(sql, settlement)}
      from change c where e.id = c.id and e.version = c.seen
      returning e.*
    ), told as (
      insert into events (account_id, execution_id, seq, type, state, fence, data)
      select m.account_id, m.id, m.version, c.event, m.state, m.fence, c.data from moved m join change c using (id)
    ), hinted as (
      select count(pg_notify('rgrid', p)) as hints from unnest(${payloads(hintsOfAll(moves))}::text[]) p
    )
    select ${sql.literal(columns.execution)}, hinted.hints::int from moved e, hinted`

/** The columns that only a settlement writes. */
const settled = (sql: PgClient.PgClient, settlement: object) =>
  sql`, (settled_fence, exit_code, usage, manifest, output_files, output_bytes, stdout_bytes, stderr_bytes, log_length,
      log_sha256) = (select e.fence, s.* from jsonb_to_record(${sql.json(settlement)}) as s(
        exit_code integer, usage jsonb, manifest jsonb, output_files integer, output_bytes bigint, stdout_bytes bigint,
        stderr_bytes bigint, log_length bigint, log_sha256 text
      ))`

/**
 * One execution's transition without a transaction: look, judge, write if nobody was faster. Two round trips instead of
 * the five of BEGIN, SELECT FOR UPDATE, UPDATE, COMMIT; whoever loses the race judges anew.
 */
export const step = <A, E>(
  sql: PgClient.PgClient,
  id: ExecutionId,
  judgeRow: (row: ExecutionRow) => Result.Result<Move, Effect.Effect<A, E>>,
  done: (row: ExecutionRow) => A,
  unknown: Effect.Effect<A, E>,
  settlement: object | null = null
) => {
  const attempt = Effect.gen(function*() {
    const [row] = yield* sql<ExecutionRow>`
      select ${sql.literal(columns.execution)} from executions e where id = ${id}`
    if (row === undefined) return yield* unknown
    const verdict = judgeRow(row)
    if (Result.isFailure(verdict)) return yield* verdict.failure
    if (isIdle(verdict.success)) return done(row)
    const [moved] = yield* apply(sql, [verdict.success], settlement)
    return moved === undefined ? raced : done(moved)
  })
  return Effect.repeat(attempt, { while: (answer) => answer === raced }).pipe(
    Effect.map((answer) => answer as A)
  )
}

const raced = Symbol("raced")
