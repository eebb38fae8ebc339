import * as DateTime from "effect/DateTime"
import { type Execution, spoken } from "../domain/Execution.ts"
import type { Failure } from "./failure.ts"

/** Where an execution stands. The last four are ends. */
export type Status = "queued" | "running" | "completed" | "failed" | "timed out" | "canceled"

/** An execution in plain values. */
export interface ExecutionInfo {
  readonly id: string
  /** The execution whose job this is once more. */
  readonly retryOf: string | null
  /** Where it stands. */
  readonly status: Status
  /** The script's own; 128 + n when signal n ended it; null when it never ended by itself. */
  readonly exitCode: number | null
  /** Why it did not complete; null when it did or hasn't ended. */
  readonly failure: Failure | null
  /** Of a batch's item: its batch, and which of the items it is, from 1. Null for what was started alone. */
  readonly batch: {
    readonly id: string
    readonly position: number
    /** The item as it was given. */
    readonly label: string
    /** The folder of its outputs. */
    readonly name: string
  } | null
  /** As it was called; so `args`. */
  readonly script: string
  readonly args: ReadonlyArray<string>
  /** A runtime's name, or an image. */
  readonly runtime: string
  /** Number of the newest attempt; 0 before the first. */
  readonly attempt: number
  /** Micros: 1,000,000 are 1 EUR. Estimated from its own time in a slot, every attempt counted. */
  readonly cost: { readonly micros: number; readonly phase: "estimated" }
  /** As it was given. */
  readonly metadata: Readonly<Record<string, string>>
  /** When the grid accepted it, by its clock. */
  readonly createdAt: Date
  /** When its newest attempt began; null before the first. */
  readonly startedAt: Date | null
  /** Null while it has not ended. */
  readonly endedAt: Date | null
}

const date = (at: DateTime.Utc | null): Date | null => (at === null ? null : DateTime.toDate(at))

export const info = (execution: Execution): ExecutionInfo => ({
  id: execution.id,
  retryOf: execution.retryOf,
  status: spoken(execution.state),
  exitCode: execution.exitCode,
  failure: execution.failure,
  batch: execution.batch,
  script: execution.script,
  args: execution.args,
  runtime: execution.runtime,
  attempt: execution.attempt,
  cost: { micros: execution.cost.micros, phase: execution.cost.phase },
  metadata: execution.metadata,
  createdAt: DateTime.toDate(execution.createdAt),
  startedAt: date(execution.startedAt),
  endedAt: date(execution.endedAt)
})
