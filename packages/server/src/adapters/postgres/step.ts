/** Transitions that attempts ask for, as many in one transaction as come together. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { ExecutionId } from "rgrid/domain/Id"
import type { StaleAttempt } from "rgrid/ports/ExecutionStore"
import type { Database } from "./Database.ts"
import * as gates from "./gates.ts"
import { grouping } from "./grouping.ts"
import { columns, type ExecutionRow } from "./rows.ts"
import { apply, isIdle, type Move } from "./transitions.ts"

/** What became of a step: the row as it is now, and whether this very step moved it. */
export interface Stepped {
  readonly row: ExecutionRow
  readonly moved: boolean
}

export interface Step {
  readonly id: ExecutionId
  /** A move, or what there is to answer without one: null when nothing is to be done. */
  readonly judge: (row: ExecutionRow) => Result.Result<Move, StaleAttempt | null>
  readonly unknown: StaleAttempt
  /** What it writes beside its state has so many entries. */
  readonly length?: number
}

type Answer = Exit.Exit<Stepped, StaleAttempt>

const look = (db: Database, steps: ReadonlyArray<Step>) =>
  db.grid<ExecutionRow>`
    select ${db.grid.literal(columns.execution)} from executions e where id = any(${steps.map(({ id }) => id)}::text[])`
    .pipe(Effect.map((rows) => new Map(rows.map((row) => [row.id, row]))))

interface Judged {
  readonly answers: Map<Step, Answer>
  readonly moves: Map<Step, Move>
}

const judged = (steps: ReadonlyArray<Step>, rows: ReadonlyMap<ExecutionId, ExecutionRow>): Judged => {
  const [answers, moves] = [new Map<Step, Answer>(), new Map<Step, Move>()]
  for (const step of steps) {
    const row = rows.get(step.id)
    if (row === undefined) answers.set(step, Exit.fail(step.unknown))
    else {
      const verdict = step.judge(row)
      if (Result.isSuccess(verdict) && !isIdle(verdict.success)) moves.set(step, verdict.success)
      else if (Result.isSuccess(verdict) || verdict.failure === null) answers.set(step, Exit.succeed({ row, moved: false }))
      else answers.set(step, Exit.fail(verdict.failure))
    }
  }
  return { answers, moves }
}

/** Those of one batch's members that ended pass its gate together, and all of them are seen anew behind it. */
const gated = (db: Database, moves: ReadonlyMap<Step, Move>) => {
  const sql = db.grid
  const batches = [...new Set([...moves.values()].flatMap((move) => gates.passes(move) ? [move.row.batch_id!] : []))]
  return sql.withTransaction(Effect.gen(function*() {
    const held = yield* gates.locked(sql, batches)
    const ids = [...moves.keys()].map(({ id }) => id)
    if (ids.length === 1) return { answers: new Map<Step, Answer>(), rows: yield* gates.throughAll(db, sql, held, [...moves.values()]) }
    const rows = yield* sql<ExecutionRow>`
      select ${sql.literal(columns.execution)} from executions e where id = any(${ids}::text[]) order by id for update`
    const again = judged([...moves.keys()], new Map(rows.map((row) => [row.id, row])))
    return { answers: again.answers, rows: yield* gates.throughAll(db, sql, held, [...again.moves.values()]) }
  }))
}

const write = (db: Database, moves: ReadonlyMap<Step, Move>) =>
  [...moves.values()].some(gates.passes)
    ? gated(db, moves)
    : Effect.map(apply(db, db.grid, [...moves.values()]), (rows) => ({ answers: new Map<Step, Answer>(), rows }))

/** Look, judge, write what nobody changed meanwhile. One step of an execution at a time: the next sees what it left. */
const round = Effect.fnUntraced(function*(db: Database, steps: ReadonlyArray<Step>) {
  const firsts = [...new Map(steps.toReversed().map((step) => [step.id, step])).values()].toReversed()
  const { answers, moves } = judged(firsts, yield* look(db, firsts))
  if (moves.size === 0) return answers
  const written = yield* write(db, moves)
  const rows = new Map(written.rows.map((row) => [row.id, row]))
  for (const [step, answer] of written.answers) answers.set(step, answer)
  for (const step of moves.keys()) {
    const row = rows.get(step.id)
    if (row !== undefined) answers.set(step, Exit.succeed({ row, moved: true }))
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
