import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Event } from "rgrid/domain/ExecutionState"
import { type Attempt, type Settled, type Settlement, StaleAttempt } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { executionOf, type LifeRow, type Shared } from "../rows.ts"
import { stepping } from "../step.ts"
import { judge } from "../transitions.ts"
import { noting } from "./digests.ts"

const alone: Shared = { batch_spec: null, batch_env: null }

/** The row moved by an event of this attempt, or why it is stale. */
const fenced = (attempt: Attempt, event: Event) => {
  const stale = () => new StaleAttempt({ ...attempt })
  return { id: attempt.execution, stale, judge: (row: LifeRow) => Result.mapError(judge(row, event), stale) }
}

/** The verbs of an attempt. They share their groups: what one runner tells is in order, and one commit serves all. */
export const attempts = (db: Database) => {
  const [step, note] = [stepping(db), noting(db)]
  const settle = (attempt: Attempt, settlement: Settlement) => {
    const { judge, ...rest } = fenced(attempt, { _tag: "Settled", fence: attempt.fence, ending: settlement.ending })
    const settling = (row: LifeRow) =>
      row.settled_fence === attempt.fence ? Result.fail(null) : Result.map(judge(row), (move) => ({ ...move, settlement }))
    const { runtimeDigest: digest } = settlement
    return step({ ...rest, judge: settling, length: settlement.manifest.outputs.length }).pipe(
      Effect.flatMap(({ moved, row, shared }) => {
        if (row.batch_id !== null && shared === null) return Effect.die(`A member settled past its batch's gate: ${row.id}`)
        const execution = executionOf({ ...row, ...(shared ?? alone) })
        return Effect.succeed({ row, settled: { execution, duplicate: !moved } satisfies Settled })
      }),
      Effect.tap(({ row, settled }) => digest === undefined
        ? Effect.void
        : note({ account: row.account_id, runtime: settled.execution.runtime, digest })),
      Effect.map(({ settled }) => settled)
    )
  }
  return {
    settle,
    started: (attempt: Attempt) => Effect.asVoid(step(fenced(attempt, { _tag: "Started", fence: attempt.fence }))),
    lose: (attempt: Attempt, detail: string) =>
      step(fenced(attempt, { _tag: "AttemptLost", fence: attempt.fence, detail, counts: true })).pipe(
        Effect.map(({ row }) => row.state)
      )
  }
}
