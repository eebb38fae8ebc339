/** When a batch takes in no more: pure, so that every store decides alike. */
import type { Batch, Halt } from "./Batch.ts"
import type { Failure } from "./Failure.ts"

/** Members that have ended so far, and all there are. */
export interface Ended {
  readonly completed: number
  /** Timeouts too. */
  readonly failed: number
  readonly canceled: number
  readonly total: number
}

const counted = (on: Halt["on"], { canceled, completed, failed }: Ended): number => {
  switch (on) {
    case "fail":
      return failed
    case "success":
      return completed
    case "done":
      return completed + failed + canceled
  }
}

/**
 * Whether the rule has come true. A percentage counts from three ends on, as GNU parallel's does: one failure of two is no
 * tendency yet.
 */
export const isHalted = ({ amount, on, unit }: Halt, ended: Ended): boolean => {
  const count = counted(on, ended)
  if (unit === "items") return count >= amount
  return count >= 3 && count * 100 >= amount * ended.total
}

/** Why a batch takes in no more, after one of its members ended with `failure`; null while it does. What halted stays so. */
export const haltedBy = (
  { halt, halted }: { readonly halt: Halt | undefined; readonly halted: Batch["halted"] },
  failure: Failure | null,
  ended: Ended
): Batch["halted"] => {
  if (halted !== null) return halted
  // Every other member would fail alike.
  if (failure?._tag === "DependenciesFailed") return "dependencies"
  return halt !== undefined && isHalted(halt, ended) ? "halt" : null
}

/** So many completed members tell what is usual. */
export const leastUsual = 3

/** Seconds that a member may take when others took `medianMillis`; at least one. */
export const relativeTimeout = (percent: number, medianMillis: number): number =>
  Math.max(1, Math.ceil((percent / 100) * (medianMillis / 1000)))
