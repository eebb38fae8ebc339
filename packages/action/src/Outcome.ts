/** What came of a step: the same for a single script and for a batch. */
import type { Failure } from "rgrid/domain/Failure"

/** What failed for one cause. */
export interface Failed {
  readonly failure: Failure
  readonly count: number
  /** The first of them: its execution, and in a batch its item. */
  readonly execution: string
  readonly item: string | null
  /** The end of what that one wrote to stderr. */
  readonly stderr: string
}

export interface Outcome {
  readonly id: string
  readonly isBatch: boolean
  /** `completed`, `failed`, `timed out` or `canceled`. */
  readonly status: string
  readonly exitCode: number | null
  readonly micros: number
  readonly isPriced: boolean
  readonly millis: number
  readonly succeeded: number
  /** Of those that succeeded, how many had before. */
  readonly earlier: number
  readonly failed: number
  readonly causes: ReadonlyArray<Failed>
  /** Absolute. */
  readonly directory: string
  readonly files: number
  readonly bytes: number
  /** What should be here and is not. */
  readonly missing: ReadonlyArray<string>
  /** Executions whose outputs the grid has, and this machine could not get. */
  readonly unfetched: number
  /** Whether the step fails. */
  readonly fails: boolean
}
