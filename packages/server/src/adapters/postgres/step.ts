/** Transitions that attempts ask for, as many in one transaction as come together. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { ExecutionId } from "rgrid/domain/Id"
import type { StaleAttempt } from "rgrid/ports/ExecutionStore"
import type { Database } from "./Database.ts"
import * as gates from "./gates.ts"
import { grouping } from "./grouping.ts"
import { columns, type ExecutionRow, type LifeRow, type OwnRow, type Shared } from "./rows.ts"
import { apply, isIdle, type Move } from "./transitions.ts"

/** What became of a step: the row as it is now, and whether this very step moved it. */
export interface Stepped {
  readonly row: OwnRow
  /** Of its batch; null of who has none, and of a member whose move was no business of its batch's. */
  readonly shared: Shared | null
  readonly moved: boolean
}

export interface Step {
  readonly id: ExecutionId
  /** A move, or what there is to answer without one: null when nothing is to be done. */
  readonly judge: (row: LifeRow) => Result.Result<Move, StaleAttempt | null>
  readonly stale: () => StaleAttempt
  /** What it writes beside its state has so many entries. */
  readonly length?: number
}

type Answer = Exit.Exit<Stepped, StaleAttempt>

const byId = <Row extends LifeRow>(rows: ReadonlyArray<Row>): ReadonlyMap<ExecutionId, Row> =>
  new Map(rows.map((row) => [row.id, row]))

const look = (db: Database, steps: ReadonlyArray<Step>) =>
  db.grid<LifeRow>`
    select ${db.grid.literal(columns.life)} from executions e where id = any(${steps.map(({ id }) => id)}::text[])`
    .pipe(Effect.map(byId))

/** As they are, for steps that have nothing to do. */
const unmoved = Effect.fnUntraced(function*(db: Database, steps: ReadonlyArray<Step>) {
  if (steps.length === 0) return []
  const rows = byId(yield* db.grid<ExecutionRow>`
    select ${db.grid.literal(columns.execution)} from executions e where id = any(${steps.map(({ id }) => id)}::text[])`)
  return steps.map((step) => {
    const row = rows.get(step.id)
    return [step, row === undefined ? Exit.fail(step.stale()) : Exit.succeed({ row, shared: row, moved: false })] as const
  })
})

interface Judged {
  readonly answers: Map<Step, Answer>
  readonly moves: Map<Step, Move>
  readonly idle: ReadonlyArray<Step>
}

const judged = (steps: ReadonlyArray<Step>, rows: ReadonlyMap<ExecutionId, LifeRow>): Judged => {
  const [answers, moves, idle] = [new Map<Step, Answer>(), new Map<Step, Move>(), new Array<Step>()]
  for (const step of steps) {
    const row = rows.get(step.id)
    if (row === undefined) answers.set(step, Exit.fail(step.stale()))
    else {
      const verdict = step.judge(row)
      if (Result.isSuccess(verdict) && !isIdle(verdict.success)) moves.set(step, verdict.success)
      else if (Result.isSuccess(verdict) || verdict.failure === null) idle.push(step)
      else answers.set(step, Exit.fail(verdict.failure))
    }
  }
  return { answers, moves, idle }
}

/** Those of one batch's members that ended pass its gate together. */
const gated = (db: Database, moves: ReadonlyArray<Move>) => {
  const sql = db.grid
  const batches = [...new Set(moves.flatMap((move) => gates.passes(move) ? [move.row.batch_id!] : []))]
  return sql.withTransaction(Effect.gen(function*() {
    const held = yield* gates.locked(sql, batches)
    return { held, rows: yield* gates.throughAll(db, sql, held, moves) }
  }))
}

const write = (db: Database, moves: ReadonlyArray<Move>) =>
  moves.some(gates.passes)
    ? gated(db, moves)
    : Effect.map(apply(db, db.grid, moves), (rows) => ({ held: new Array<gates.WholeGate>(), rows }))

/** Look, judge, write what nobody changed meanwhile. One step of an execution at a time: the next sees what it left. */
const round = Effect.fnUntraced(function*(db: Database, steps: ReadonlyArray<Step>) {
  const firsts = [...new Map(steps.toReversed().map((step) => [step.id, step])).values()].toReversed()
  const { answers, idle, moves } = judged(firsts, yield* look(db, firsts))
  for (const [step, answer] of yield* unmoved(db, idle)) answers.set(step, answer)
  if (moves.size === 0) return answers
  const { held, rows } = yield* write(db, [...moves.values()])
  const moved = byId(rows)
  const batches = new Map(held.map((gate) => [gate.id, { batch_spec: gate.spec, batch_env: gate.env_names }]))
  for (const step of moves.keys()) {
    const row = moved.get(step.id)
    if (row === undefined) continue
    const shared = row.batch_id === null ? null : batches.get(row.batch_id) ?? null
    answers.set(step, Exit.succeed({ row, shared, moved: true }))
  }
  return answers
})

/** Whoever lost a race or came behind another step of the same execution is judged anew. */
export const stepping = (db: Database) =>
  grouping<Step, Stepped, StaleAttempt>(db.scope, {
    keyOf: () => 0,
    lengthOf: ({ length = 0 }) => length,
    run: (steps) => Effect.map(round(db, steps), (answers) => steps.map((step) => answers.get(step)))
  })
