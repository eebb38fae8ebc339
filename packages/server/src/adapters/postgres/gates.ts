/**
 * The way through a batch's gate. Whoever ends, takes back or lets in a member holds the batch's row, so that ends are
 * numbered without gaps and no place is given twice. Rows are locked batch first, then member; several in the order of
 * their ids.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Fragment } from "effect/sql/Statement"
import type { BatchOptions } from "rgrid/domain/Batch"
import { type Event, isActive, isFinal, isPlaced, type State, waitingStates } from "rgrid/domain/ExecutionState"
import { haltedBy, leastUsual, relativeTimeout } from "rgrid/domain/halting"
import type { AccountId, BatchId, ExecutionId } from "rgrid/domain/Id"
import type { Database } from "./Database.ts"
import { happened } from "./history.ts"
import { columns, type LifeRow, type OwnRow, type Shared } from "./rows.ts"
import { apply, judge, type Move } from "./transitions.ts"

/** A batch's row, locked. */
export interface Gate {
  readonly id: BatchId
  readonly account_id: AccountId
  readonly options: BatchOptions
  readonly parallel: number
  readonly total: number
  readonly active: number
  readonly finished: number
  readonly completed: number
  readonly failed: number
  readonly timed_out: number
  readonly canceled: number
  readonly halted: "halt" | "canceled" | "dependencies" | null
}

/** With what its members share. */
export interface WholeGate extends Gate {
  readonly spec: NonNullable<Shared["batch_spec"]>
  readonly env_names: NonNullable<Shared["batch_env"]>
}

const gateColumns = "id, account_id, options, parallel, total, active, finished, completed, failed, timed_out, canceled, halted"

export const locked = (sql: PgClient.PgClient, ids: ReadonlyArray<BatchId>) =>
  sql<WholeGate>`
    select ${sql.literal(gateColumns)}, spec, env_names from batches where id = any(${ids}::text[]) order by id for update`

/** The gates of those among these executions that are members. */
export const ofMembers = Effect.fnUntraced(function*(sql: PgClient.PgClient, ids: ReadonlyArray<ExecutionId>) {
  const rows = yield* sql<{ batch_id: BatchId }>`
    select distinct batch_id from executions where id = any(${ids}::text[]) and batch_id is not null`
  return rows.length === 0 ? [] : yield* locked(sql, rows.map((row) => row.batch_id))
})

/** Whether a member's move is its batch's business: what is lost to the grid may not wait again in one that halted. */
export const passes = ({ next, row }: Move): boolean =>
  row.batch_id !== null && (isFinal(next.state) || (isPlaced(row.state) && next.state === "queued"))

const ends = (rows: ReadonlyArray<OwnRow>, state: State): number => rows.filter((row) => row.state === state).length

/** What the members that just moved change of their batch. Its row is locked: what it will be is known before it is written. */
const changed = (gate: Gate, moves: ReadonlyArray<Move>, rows: ReadonlyArray<OwnRow>) => {
  const left = moves.filter(({ next, row }) => isActive(row.state) && !isActive(next.state)).length
  const ended = rows.filter(({ state }) => isFinal(state))
  const after: Gate = {
    ...gate,
    active: gate.active - left,
    finished: gate.finished + ended.length,
    completed: gate.completed + ends(rows, "completed"),
    failed: gate.failed + ends(rows, "failed"),
    timed_out: gate.timed_out + ends(rows, "timed_out"),
    canceled: gate.canceled + ends(rows, "canceled")
  }
  const cost = ended.reduce((sum, row) => sum + row.cost_micros, 0)
  return { after, cost, isPriced: ended.some(({ hourly_micros }) => (hourly_micros ?? 0) > 0) }
}

const written = (sql: PgClient.PgClient, { after, cost, isPriced }: ReturnType<typeof changed>): Fragment =>
  sql`finished = ${after.finished}, completed = ${after.completed}, failed = ${after.failed},
    timed_out = ${after.timed_out}, canceled = ${after.canceled},
    cost_micros = cost_micros + ${String(cost)}::text::bigint, is_priced = is_priced or ${isPriced},
    ended_at = case when ${after.finished} = total then now() end`

const count = (sql: PgClient.PgClient, change: ReturnType<typeof changed>) =>
  sql`update batches set active = ${change.after.active}, ${written(sql, change)} where id = ${change.after.id}`

const hasRoom = ({ active, finished, halted, parallel, total }: Gate): boolean =>
  parallel > active && halted === null && finished + active < total

/** Queues the next as far as there is room, as `moved`. */
const nextIn = (sql: PgClient.PgClient, { account_id: account, active, id, parallel }: Gate): Fragment =>
  sql`
    base as (${newestPlace(sql, account, id)}), picked as (
      select id, row_number() over (order by position) as place from (
        select id, position from executions where batch_id = ${id} and state = 'held'
        order by position limit ${parallel - active} for update
      ) next
    ), moved as (
      update executions e set state = 'queued', version = e.version + 1, turn = base.turn + base.stride * picked.place,
        history = e.history || ${sql.literal(happened("'Promoted'", "'queued'", "e.fence"))}
      from picked, base where e.id = picked.id
      returning e.id
    )`

/** `active` before, and what else becomes of the batch's row. */
const letIn = Effect.fnUntraced(function*(db: Database, sql: PgClient.PgClient, gate: Gate, besides: Fragment) {
  const [row] = yield* sql<{ moved: number }>`
    with ${nextIn(sql, gate)}, come as (select count(*)::integer as moved from moved)
    update batches set active = ${gate.active} + come.moved ${besides} from come where id = ${gate.id} returning come.moved`
  if ((row?.moved ?? 0) > 0) yield* sql.afterCommit(db.tell([{ _tag: "Queued" }]))
})

/** Lets the next ones in as far as there is room. The batch's row is locked. */
export const promote = (db: Database, sql: PgClient.PgClient, gate: Gate) =>
  hasRoom(gate) ? letIn(db, sql, gate, sql``) : Effect.void

/** As the index on flows has it. */
const flowOf = "(case when state = 'queued' then case when batch_id is null then account_id else batch_id end end)"

/**
 * Where a newcomer of this flow begins: behind those of its own that wait, and not before anybody who came while it was
 * away. What was started alone in an account is one flow, each batch is another.
 */
export const newestTurn = (sql: PgClient.PgClient, account: AccountId, flow: BatchId | AccountId): Fragment =>
  sql`greatest((select taken from turns), coalesce((
    select max(turn) from executions
    where account_id = ${account} and ${sql.literal(flowOf)} = ${flow}
  ), 0))`

/** Where a batch's newcomers begin, and how far apart they are: as many others as there are take their turns in between. */
export const newestPlace = (sql: PgClient.PgClient, account: AccountId, id: BatchId): Fragment =>
  sql`select ${newestTurn(sql, account, id)} as turn, 1 + (
    select count(*) from batches where account_id = ${account} and ended_at is null and id <> ${id}
  ) as stride`

/** A batch's members that have not ended: as few as wait, are queued and run, through the index of each. */
export const openMembers = (sql: PgClient.PgClient, account: AccountId | Fragment, batch: BatchId | Fragment): Fragment =>
  sql`
    select id, state from executions where batch_id = ${batch} and state in ('uploading', 'held', 'building')
    union all select id, state from executions where account_id = ${account} and ${sql.literal(flowOf)} = ${batch}
    union all select id, state from executions where batch_id = ${batch} and state in ('leased', 'running')`

/** Ends those members of these states that it can, and asks for the end of those that run. The batch's row is locked. */
export const endMembers = Effect.fnUntraced(function*(
  db: Database,
  sql: PgClient.PgClient,
  gate: Gate,
  states: ReadonlyArray<State>,
  event: Event
) {
  const rows = yield* sql<LifeRow>`
    select ${sql.literal(columns.life)} from executions e
    where id in (select id from (${openMembers(sql, gate.account_id, gate.id)}) open)
      and state = any(${states}::text[]) order by position for update`
  const moves = rows.flatMap((row) => Result.match(judge(row, event), { onSuccess: (move) => [move], onFailure: () => [] }))
  if (moves.length === 0) return gate
  const change = changed(gate, moves, yield* apply(db, sql, moves, gate.finished))
  yield* count(sql, change)
  return change.after
})

const haltOf = (gate: Gate, moves: ReadonlyArray<Move>): Gate["halted"] => {
  const { canceled, completed, failed, halted, options: { halt }, timed_out, total } = gate
  const ended = { completed, failed: failed + timed_out, canceled, total }
  return moves.reduce((now, { next }) => haltedBy({ halt, halted: now }, next.failure, ended), halted)
}

/** A batch that came to its end takes in nobody, and what was lost to the grid does not wait in it again. */
const close = Effect.fnUntraced(function*(db: Database, sql: PgClient.PgClient, gate: Gate, halted: "halt" | "canceled" | "dependencies") {
  if (gate.halted === null) yield* sql`update batches set halted = ${halted} where id = ${gate.id}`
  const by = halted === "dependencies" ? "dependencies" : "halt"
  const event: Event = halted === "canceled" ? { _tag: "CancelRequested" } : { _tag: "Halted", by }
  const left = yield* endMembers(db, sql, { ...gate, halted }, waitingStates, event)
  if (gate.halted === null && halted === "halt" && gate.options.halt?.when === "now") {
    yield* endMembers(db, sql, left, ["leased", "running"], { _tag: "CancelRequested" })
  }
})

/** Every so many completions the usual duration is looked at anew: the first few tell most. */
const isTelling = (completed: number): boolean => completed >= leastUsual && (completed < 20 || completed % 20 === 0)

const limitTime = Effect.fnUntraced(function*(sql: PgClient.PgClient, { completed, id, options: { timeoutPercent } }: Gate) {
  if (timeoutPercent === undefined || !isTelling(completed)) return
  const [row] = yield* sql<{ median: number | null }>`
    select percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at) * 1000) as median
    from executions where batch_id = ${id} and finished_number is not null and state = 'completed'`
  if (typeof row?.median !== "number") return
  const seconds = relativeTimeout(timeoutPercent, row.median)
  yield* sql`update batches set time_limit_seconds = ${seconds} where id = ${id}`
})

/** Moves members of one batch, whose row is locked: counts, halts, lets the next in. Answers those that moved. */
export const through = Effect.fnUntraced(function*(
  db: Database,
  sql: PgClient.PgClient,
  gate: Gate,
  wanted: ReadonlyArray<Move>
) {
  const rows = yield* apply(db, sql, wanted, gate.finished)
  if (rows.length === 0) return rows
  // What was seen before the lock and changed meanwhile did not move: whoever asked judges anew.
  const moved = new Set(rows.map(({ id }) => id))
  const moves = wanted.filter(({ row }) => moved.has(row.id))
  const change = changed(gate, moves, rows)
  const { after } = change
  const halted = haltOf(after, moves)
  yield* halted === null && hasRoom(after) ? letIn(db, sql, after, sql`, ${written(sql, change)}`) : count(sql, change)
  yield* sql.afterCommit(db.tell([{ _tag: "BatchChanged", batch: gate.id }]))
  if (after.completed > gate.completed) yield* limitTime(sql, after)
  if (halted !== null) yield* close(db, sql, after, halted)
  return rows
})

/** Moves of any batches and of none, all in the same transaction. The gates are locked. */
export const throughAll = Effect.fnUntraced(function*(
  db: Database,
  sql: PgClient.PgClient,
  gates: ReadonlyArray<Gate>,
  moves: ReadonlyArray<Move>
) {
  const alone = moves.filter((move) => !passes(move))
  const rows = alone.length === 0 ? [] : [...yield* apply(db, sql, alone)]
  for (const gate of gates) {
    const own = moves.filter((move) => passes(move) && move.row.batch_id === gate.id)
    if (own.length > 0) rows.push(...yield* through(db, sql, gate, own))
  }
  return rows
})
