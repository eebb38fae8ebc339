/** What a batch gives. */
import type { Failure } from "./failure.ts"
import type { RGridError } from "./errors.ts"
import type { ExecutionInfo } from "./info.ts"
import type { RefusedFile, WrittenFile } from "./results.ts"

/** How far a batch is. */
export interface BatchInfo {
  readonly id: string
  /** The batch whose items these are once more. */
  readonly retryOf: string | null
  /** `running` until its last item has ended, whatever they do. */
  readonly status: "running" | "ended"
  readonly script: string
  /** As they were given, without an item. */
  readonly args: ReadonlyArray<string>
  /** A runtime's name, or an image. */
  readonly runtime: string
  /** As it was given. */
  readonly metadata: Readonly<Record<string, string>>
  /** Items; the sum of the five that follow. */
  readonly total: number
  /** Not begun. */
  readonly waiting: number
  /** Begun and not ended. */
  readonly running: number
  /** Ended with status 0. */
  readonly completed: number
  /** Ended otherwise; timeouts too. */
  readonly failed: number
  /** Ended by a person, or by `halt` before their turn. */
  readonly canceled: number
  /** Items that `resume` left out; none of `total`. */
  readonly skipped: number
  /** Why nothing new starts any more: its `halt` came true, it was canceled, what it needs can't be installed. */
  readonly halted: "halt" | "canceled" | "dependencies" | null
  /** Micros: 1,000,000 are 1 EUR. Of its ended attempts. */
  readonly cost: { readonly micros: number; readonly phase: "estimated" }
  /** When the grid accepted it, by its clock. */
  readonly createdAt: Date
  /** When its last item ended; null before. */
  readonly endedAt: Date | null
}

/** One item that has ended. One that failed has the same shape as one that completed. */
export interface BatchResult extends ExecutionInfo {
  /** As it was given. */
  readonly item: string
  /** What was written here, relative to the batch's output directory. */
  readonly outputs: ReadonlyArray<WrittenFile>
  /** What could not or may not be written here, and why. */
  readonly refused: ReadonlyArray<RefusedFile>
  /** Why its outputs, or what it wrote, could not be fetched; the grid has them. Null: nothing went wrong. */
  readonly unfetched: RGridError | null
  /** As UTF-8; null without `output: true`, and where it could not be fetched. */
  readonly stdout: string | null
  /** As UTF-8; null without `output: true`, and where it could not be fetched. */
  readonly stderr: string | null
}

/** Failed items of one cause. */
export interface BatchCause {
  /** Texts of the same cause are the same in every batch. */
  readonly fingerprint: string
  readonly count: number
  /** In a sentence. */
  readonly message: string
  /** Of the first of them. */
  readonly failure: Failure
  /** The first of them, in the order of the items. */
  readonly sample: ExecutionInfo
}

/** A batch that has ended. */
export interface BatchSummary extends BatchInfo {
  /** Whether it counts as a success, as `failOn` has it. */
  readonly ok: boolean
  /** The most frequent first. */
  readonly causes: ReadonlyArray<BatchCause>
  /** Items that did not complete, in their order; at most 1,000. */
  readonly failures: ReadonlyArray<ExecutionInfo>
  /** Written here. */
  readonly written: { readonly files: number; readonly bytes: number }
  /** Items of which something could not be fetched. */
  readonly unfetched: number
}
