import type { Budget } from "./budget.ts"
import type { Row } from "./measure.ts"

/** Says why something is not measured on this machine. */
export type LeaveOut = (why: string) => void

/** One name of `npm run bench -- NAME`. */
export interface Benchmark {
  readonly name: string
  /** Of those of its rows that don't bring their own; null: only told. */
  readonly budget: Budget | null
  readonly measure: (leaveOut: LeaveOut) => Promise<ReadonlyArray<Row>>
  /** Where the time goes, as a table. */
  readonly profile?: () => Promise<string>
}
