/** A batch, from its items to the end of the last; what they made comes here as they end. */
import type * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { join } from "node:path"
import { count } from "rgrid/client/amounts"
import * as batches from "rgrid/client/batch/batches"
import { bringBackMember, type Landing, landing, parallelMembers } from "rgrid/client/batch/bringBackMember"
import { type BatchEvent, followBatch } from "rgrid/client/batch/followBatch"
import type { BatchRequest } from "rgrid/client/batch/plan"
import type { PreparedBatch } from "rgrid/client/batch/prepareBatch"
import { type Submitted, submitBatch } from "rgrid/client/batch/submitBatch"
import type { BroughtBack } from "rgrid/client/bringBack"
import { remarks } from "rgrid/client/broughtBackSentences"
import { stayOrCancel } from "rgrid/client/canceling"
import type { GridError, NotWritten } from "rgrid/client/errors"
import * as executions from "rgrid/client/executions"
import { type Batch, hasFailed, tally } from "rgrid/domain/Batch"
import { type Execution, spoken } from "rgrid/domain/Execution"
import { explainFailure } from "./errors.ts"
import type { ProtectedLog } from "./log.ts"
import type { Failed, Outcome } from "./Outcome.ts"
import type { Asked } from "./project.ts"
import { keyOf, requestOf } from "./request.ts"
import { remembering } from "./running.ts"
import { lost, unfetched } from "./telling.ts"

/** Where a batch's outputs go when nobody says. */
const standardDirectory = "outputs"

/** A job that is run again goes on where its last attempt ended. */
const isAgain = (): boolean => Number(process.env["GITHUB_RUN_ATTEMPT"] ?? 1) > 1

export const batchRequest = (asked: Asked, { options, patterns }: NonNullable<Asked["batch"]>): BatchRequest => ({
  ...requestOf(asked),
  batch: patterns,
  options: { ...options, resume: isAgain(), failOn: asked.failOn === "all" ? "all" : "any" }
})

interface Errand {
  readonly landing: Landing
  readonly log: ProtectedLog
  files: number
  bytes: number
  readonly missing: Array<string>
  unfetched: number
}

const labelOf = ({ batch, id }: Execution): string => batch?.label ?? id

const endOf = (execution: Execution): string => {
  if (execution.state === "completed") return `✓ ${labelOf(execution)}`
  const { what, why } = execution.failure === null ? { what: spoken(execution.state), why: "" } : explainFailure(execution.failure)
  return `✗ ${labelOf(execution)}: ${[what, why].join(" ").trim()}`
}

const taken = (errand: Errand, execution: Execution, brought: BroughtBack): void => {
  errand.files += brought.written.length
  errand.bytes += brought.written.reduce((sum, { bytes }) => sum + bytes, 0)
  errand.missing.push(...remarks(brought).map((line) => `${labelOf(execution)}: ${line}`))
}

/** One that can't be fetched keeps no other back. */
const untaken = (errand: Errand, label: string, error: GridError | NotWritten): void => {
  errand.unfetched++
  errand.missing.push(`${label}: ${unfetched(error)}`)
}

const bring = (errand: Errand, execution: Execution) =>
  bringBackMember(execution, errand.landing).pipe(
    Effect.map((brought) => taken(errand, execution, brought)),
    Effect.catch((error) => Effect.sync(() => untaken(errand, labelOf(execution), error)))
  )

/** This machine is a new one: what an earlier attempt of the job completed is not here. A grid names it once. */
const bringEarlier = Effect.fnUntraced(function*(errand: Errand, { batch, resumption }: Submitted) {
  const { total, skipped } = batch
  const earlier = resumption?.earlier ?? []
  if (skipped > 0) errand.log.say(`${skipped} of ${total + skipped} were completed before and are not run again`)
  const unnamed = skipped - earlier.length
  if (unnamed > 0) errand.missing.push(`The outputs of ${count(unnamed, "item")} are on the grid only: an earlier attempt completed them`)
  errand.unfetched += unnamed
  yield* Effect.forEach(earlier, ({ execution: id, label, name }) =>
    executions.get(id).pipe(
      Effect.flatMap((execution) =>
        bring(errand, { ...execution, batch: { id: batch.id, position: 1, ...execution.batch, label, name } })),
      Effect.catch((error) => Effect.sync(() => untaken(errand, label, error)))
    ), { concurrency: parallelMembers, discard: true })
})

type Ends = Queue.Queue<Execution, Cause.Done>

const take = ({ log }: Errand, ends: Ends) => (event: BatchEvent) => {
  switch (event._tag) {
    case "MemberEnded":
      log.say(endOf(event.execution))
      return Effect.asVoid(Queue.offer(ends, event.execution))
    case "Reconnecting":
      return Effect.sync(() => log.say(lost(event)))
    default:
      return Effect.void
  }
}

const stay = Effect.fnUntraced(function*(errand: Errand, submitted: Submitted) {
  const { batch: { id }, sending } = submitted
  const ends = yield* Queue.bounded<Execution, Cause.Done>(1000)
  const following = Stream.runForEach(followBatch(id), take(errand, ends)).pipe(Effect.andThen(Queue.end(ends)))
  const bringing = Stream.fromQueue(ends).pipe(
    Stream.mapEffect((execution) => bring(errand, execution), { concurrency: parallelMembers, unordered: true }),
    Stream.runDrain
  )
  yield* Effect.all([sending, following, bringing, bringEarlier(errand, submitted)], { concurrency: "unbounded", discard: true })
  return yield* batches.get(id)
})

const causesOf = Effect.fnUntraced(function*(batch: Batch) {
  if (tally(batch.counts).failed === 0) return []
  return (yield* batches.causes(batch.id)).map(({ count, failure, sample }): Failed => ({
    failure,
    count,
    execution: sample.id,
    item: labelOf(sample),
    stderr: "tail" in failure ? failure.tail ?? "" : ""
  }))
})

const statusOf = (batch: Batch): string => {
  if (batch.halted === "canceled") return "canceled"
  return hasFailed(batch) ? "failed" : "completed"
}

export const runBatch = Effect.fnUntraced(function*(prepared: PreparedBatch, asked: Asked, log: ProtectedLog) {
  const { began, duplicates, head, items } = prepared
  if (duplicates.length > 0) log.say(`Given twice, and run once: ${duplicates.join(", ")}`)
  const directory = asked.outputDirectory ?? join(asked.cwd, standardDirectory)
  const errand: Errand = { landing: landing(directory, false, began), log, files: 0, bytes: 0, missing: [], unfetched: 0 }
  const batch = yield* stayOrCancel(
    { submitting: submitBatch(prepared, { idempotencyKey: keyOf([head, items]) }), idOf: (sent) => sent.batch.id },
    (sent) => remembering(sent.batch.id, stay(errand, sent))
  )
  const { canceled, completed, failed } = tally(batch.counts)
  const status = statusOf(batch)
  const outcome: Outcome = {
    id: batch.id,
    isBatch: true,
    status,
    exitCode: status === "completed" ? 0 : 1,
    micros: batch.cost.micros,
    isPriced: batch.cost.isPriced,
    millis: batch.endedAt === null ? 0 : DateTime.toEpochMillis(batch.endedAt) - DateTime.toEpochMillis(batch.createdAt),
    succeeded: completed + batch.skipped,
    earlier: batch.skipped,
    failed: failed + canceled,
    causes: yield* causesOf(batch),
    directory,
    files: errand.files,
    bytes: errand.bytes,
    missing: errand.missing,
    unfetched: errand.unfetched,
    fails: errand.unfetched > 0 || (asked.failOn !== "never" && status !== "completed")
  }
  return outcome
})
