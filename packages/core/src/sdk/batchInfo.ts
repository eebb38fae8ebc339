import * as DateTime from "effect/DateTime"
import type { CauseGroup } from "../api/Batches.ts"
import { explain } from "../client/failureSentences.ts"
import { type Batch, tally } from "../domain/Batch.ts"
import type { BatchCause, BatchInfo } from "./batchResults.ts"
import { messageOf } from "./errors.ts"
import { info } from "./info.ts"

export const batchInfo = (batch: Batch): BatchInfo => ({
  id: batch.id,
  retryOf: batch.retryOf,
  status: batch.endedAt === null ? "running" : "ended",
  script: batch.script,
  args: batch.args,
  runtime: batch.runtime,
  metadata: batch.metadata,
  total: batch.total,
  ...tally(batch.counts),
  skipped: batch.skipped,
  halted: batch.halted,
  cost: { micros: batch.cost.micros, phase: "estimated" },
  createdAt: DateTime.toDate(batch.createdAt),
  endedAt: batch.endedAt === null ? null : DateTime.toDate(batch.endedAt)
})

export const causeOf = (cause: Omit<BatchCause, "message">): BatchCause => ({ ...cause, message: messageOf(explain(cause.failure)) })

export const causeInfo = ({ count, failure, fingerprint, sample }: CauseGroup): BatchCause =>
  causeOf({ fingerprint, count, failure, sample: info(sample) })
