/** One execution's transition, seen without a lock. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Fragment } from "effect/sql/Statement"
import type { ExecutionId } from "rgrid/domain/Id"
import type { Database } from "./Database.ts"
import * as gates from "./gates.ts"
import { columns, type ExecutionRow } from "./rows.ts"
import { apply, isIdle, type Move } from "./transitions.ts"

const write = (db: Database, move: Move, extra?: Fragment) => {
  const sql = db.grid
  const { batch_id: batch } = move.row
  if (batch === null || !gates.passes(move)) return apply(db, sql, [move], extra)
  return sql.withTransaction(Effect.gen(function*() {
    const [gate] = yield* gates.locked(sql, [batch])
    return gate === undefined ? [] : yield* gates.through(db, sql, gate, [move], extra)
  }))
}

/**
 * Look, judge, write if nobody was faster; whoever loses the race judges anew. Two round trips where no batch is passed,
 * instead of the five of BEGIN, SELECT FOR UPDATE, UPDATE, COMMIT.
 */
export const step = <A, E>(
  db: Database,
  id: ExecutionId,
  judgeRow: (row: ExecutionRow) => Result.Result<Move, Effect.Effect<A, E>>,
  done: (row: ExecutionRow) => A,
  unknown: Effect.Effect<A, E>,
  extra?: Fragment
) => {
  const sql = db.grid
  const attempt = Effect.gen(function*() {
    const [row] = yield* sql<ExecutionRow>`
      select ${sql.literal(columns.execution)} from executions e where id = ${id}`
    if (row === undefined) return yield* unknown
    const verdict = judgeRow(row)
    if (Result.isFailure(verdict)) return yield* verdict.failure
    if (isIdle(verdict.success)) return done(row)
    const [moved] = yield* write(db, verdict.success, extra)
    return moved === undefined ? raced : done(moved)
  })
  return Effect.repeat(attempt, { while: (answer) => answer === raced }).pipe(
    Effect.map((answer) => answer as A)
  )
}

const raced = Symbol("raced")
