import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Execution } from "rgrid/domain/Execution"
import type { Event } from "rgrid/domain/ExecutionState"
import { outputTotals } from "rgrid/grid/canonical"
import { type Attempt, type Settled, type Settlement, StaleAttempt } from "rgrid/ports/ExecutionStore"
import type { Database } from "../Database.ts"
import { type ExecutionRow, executionOf } from "../rows.ts"
import { step } from "../step.ts"
import { judge } from "../transitions.ts"

const stale = (attempt: Attempt) => Effect.fail(new StaleAttempt({ ...attempt }))

/** The row moved by an event of this attempt, or why it is stale. */
const fenced = (attempt: Attempt, event: Event) => (row: ExecutionRow) =>
  Result.mapError(judge(row, event), () => stale(attempt))

/** What only a settlement writes. */
const assigning = (sql: Database["grid"], fence: number, { exitCode, log, manifest, runtimeDigest, usage }: Settlement) => {
  const outputs = outputTotals(manifest)
  return sql`,
    settled_fence = ${fence}, exit_code = ${exitCode}, usage = ${usage === null ? null : JSON.stringify(usage)}::json,
    manifest = ${JSON.stringify(manifest)}::json, output_files = ${outputs.files}, output_bytes = ${outputs.bytes},
    stdout_bytes = ${log.stdoutBytes}, stderr_bytes = ${log.stderrBytes}, log_length = ${log.length},
    log_sha256 = ${log.sha256}, runtime_digest = ${runtimeDigest ?? null}`
}

/** What the runtime's name stands for now. Written when that is new, which is seldom: what is known takes no lock. */
const note = (db: Database, { id, runtime }: Execution, digest: string) => {
  const owner = db.grid`(select account_id from executions where id = ${id})`
  return db.grid`
    insert into runtime_digests (account_id, runtime, digest) select ${owner}, ${runtime}, ${digest}
    where not exists (
      select from runtime_digests where account_id = ${owner} and runtime = ${runtime} and digest = ${digest}
    )
    on conflict (account_id, runtime) do update set digest = excluded.digest`.pipe(Effect.asVoid)
}

export const settle = (db: Database) => (attempt: Attempt, settlement: Settlement) => {
  const { phases, runtimeDigest } = settlement
  const move = fenced(attempt, { _tag: "Settled", fence: attempt.fence, ending: settlement.ending })
  return step(
    db,
    attempt.execution,
    (row) =>
      row.settled_fence === attempt.fence
        ? Result.fail(Effect.succeed<Settled>({ execution: executionOf(row), duplicate: true }))
        : Result.map(move(row), (moved) => ({ ...moved, ...(phases === undefined ? {} : { phases }) })),
    (row): Settled => ({ execution: executionOf(row), duplicate: false }),
    stale(attempt),
    assigning(db.grid, attempt.fence, settlement)
  ).pipe(Effect.tap(({ execution }) => runtimeDigest === undefined ? Effect.void : note(db, execution, runtimeDigest)))
}

export const started = (db: Database) => (attempt: Attempt) =>
  step(
    db,
    attempt.execution,
    fenced(attempt, { _tag: "Started", fence: attempt.fence }),
    () => undefined,
    stale(attempt)
  )

export const lose = (db: Database) => (attempt: Attempt, detail: string) =>
  step(
    db,
    attempt.execution,
    fenced(attempt, { _tag: "AttemptLost", fence: attempt.fence, detail, counts: true }),
    (row) => row.state,
    stale(attempt)
  )
