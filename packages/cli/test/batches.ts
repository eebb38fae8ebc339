/** Batches as a test needs them. */
import * as DateTime from "effect/DateTime"
import { type Batch, type Counts, noCounts } from "rgrid/domain/Batch"
import type { Execution } from "rgrid/domain/Execution"
import type { State } from "rgrid/domain/ExecutionState"
import { batchId, type BatchId } from "rgrid/domain/Id"
import { execution } from "./executions.ts"

const id: BatchId = batchId(0)

interface Wanted extends Partial<Omit<Batch, "counts" | "endedAt">> {
  readonly counts?: Partial<Counts>
  /** Milliseconds since its creation at 0. */
  readonly ended?: number
}

export const batch = ({ counts, ended, ...over }: Wanted = {}): Batch => {
  const all = { ...noCounts, ...counts }
  return {
    id,
    retryOf: null,
    script: "process.py",
    args: ["{}"],
    runtime: "python:3.11",
    cwd: "/home/me",
    metadata: {},
    total: Object.values(all).reduce((sum, one) => sum + one, 0),
    skipped: 0,
    options: { failOn: "any", resume: false },
    counts: all,
    halted: null,
    createdAt: DateTime.makeUnsafe(0),
    endedAt: ended === undefined ? null : DateTime.makeUnsafe(ended),
    cost: { micros: 0, isPriced: false },
    ...over
  }
}

interface Over extends Partial<Omit<Execution, "state" | "createdAt" | "startedAt" | "endedAt">> {
  readonly createdAt?: number
  readonly startedAt?: number
  readonly seconds?: number
}

/** Member number `position`. It began at `startedAt`, else at its creation, and took `seconds`, where it has ended. */
export const member = (
  position: number,
  label: string,
  state: State,
  over: Over = {}
): Execution =>
  execution({
    state,
    batch: { id, position, label, name: label.replace(/\.[^.]*$/, "") },
    ...over
  })
