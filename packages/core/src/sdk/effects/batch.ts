/** A batch from its call to its items' results, as effects over a connection. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import * as batches from "../../client/batch/batches.ts"
import { landing, type Landing } from "../../client/batch/bringBackMember.ts"
import { parseHalt } from "../../client/batch/halt.ts"
import type { BatchRequest } from "../../client/batch/plan.ts"
import { prepareBatch } from "../../client/batch/prepareBatch.ts"
import { submitBatch } from "../../client/batch/submitBatch.ts"
import { picked } from "../../client/picked.ts"
import { type Batch, type BatchOptions as Kept, hasFailed, tally } from "../../domain/Batch.ts"
import { batchInfo, causeInfo } from "../batchInfo.ts"
import type { BatchItems, BatchOptions } from "../batchOptions.ts"
import type { BatchResult, BatchSummary } from "../batchResults.ts"
import { checkCount, checkTimeout, refused } from "../check.ts"
import { info } from "../info.ts"
import { jobOf, type Wanted } from "../job.ts"

const isRows = (over: BatchItems): over is ReadonlyArray<Readonly<Record<string, unknown>>> =>
  Array.isArray(over) && over.length > 0 && over.every((row) => typeof row === "object" && row !== null && !Array.isArray(row))

/** Whoever calls from JavaScript may give anything. */
const areItems = (over: unknown): over is BatchItems => {
  if (typeof over === "string") return true
  if (Array.isArray(over)) return over.every((item) => typeof item === "string") || isRows(over)
  return typeof over === "object" && over !== null && "file" in over && typeof over.file === "string"
}

export const itemsOf = (over: BatchItems): Pick<BatchRequest, "batch" | "batchFrom" | "rows"> => {
  if (typeof over === "string") return { batch: [over] }
  if (isRows(over)) return { batch: [], rows: over }
  return "file" in over ? { batch: [], batchFrom: over.file } : { batch: over as ReadonlyArray<string> }
}

const timeoutOf = Effect.fnUntraced(function*(timeout: BatchOptions["timeout"]) {
  if (typeof timeout !== "string") return { job: yield* checkTimeout(timeout), batch: {} }
  const percent = /^\d+%$/.test(timeout) ? Number.parseInt(timeout, 10) : 0
  if (percent <= 100) return yield* refused("timeout", timeout, "seconds, or more than 100% of the median, like \"200%\"")
  return { job: {}, batch: { timeoutPercent: percent } }
})

const haltOf = (text: string | undefined) => {
  const halt = text === undefined ? undefined : parseHalt(text)
  return halt === null
    ? Effect.fail(refused("halt", text, "WHEN,WHAT=N or N%, like \"soon,fail=5%\" or \"now,success=1\""))
    : Effect.succeed(halt === undefined ? {} : { halt })
}

/** What the grid keeps of them, and what they say of each item's job. */
export const optionsOf = Effect.fnUntraced(function*(options: BatchOptions) {
  const { over } = options
  if (!areItems(over)) return yield* refused("over", over, "a pattern, an array of texts or of rows, or { file }")
  yield* checkCount("parallel", options.parallel)
  const timeout = yield* timeoutOf(options.timeout)
  const kept: Kept = {
    failOn: options.failOn ?? "all",
    resume: options.resume ?? false,
    ...picked(options, "parallel"),
    ...(yield* haltOf(options.halt)),
    ...timeout.batch
  }
  return { kept, job: { ...timeout.job, ...picked(options, "isolation") } }
})

const requestOf = Effect.fnUntraced(function*(wanted: Wanted<BatchOptions>) {
  const { options, request } = yield* jobOf(wanted)
  const { job, kept } = yield* optionsOf(options)
  const whole: BatchRequest = { ...request, ...job, ...itemsOf(options.over), options: kept }
  return { request: whole, options }
})

/** Where a batch's outputs go when nobody says. */
export const standardDirectory = "outputs"

/**
 * Durable when its inner effect returns. `sending` sends what the grid lacks of it; items start as theirs arrives. The scope holds what
 * is no file here until that is done. The same key goes on where a cut off sending ended.
 */
export const begin = Effect.fnUntraced(function*(wanted: Wanted<BatchOptions>, idempotencyKey: string) {
  const { options, request } = yield* requestOf(wanted)
  const prepared = yield* prepareBatch(request)
  const directory = options.outputDirectory ?? standardDirectory
  const place = directory === false ? null : { directory: resolve(request.cwd, directory), since: prepared.began }
  return submitBatch(prepared, { idempotencyKey }).pipe(
    Effect.map(({ batch, sending }) => ({ batch, sending, place })),
    Effect.withSpan("sdk.batch")
  )
})

/** One that was started elsewhere. */
export const known = (id: string, directory: string | false = false) =>
  Effect.map(batches.get(id), (batch) => ({
    batch,
    place: directory === false ? null : { directory: resolve(directory), since: DateTime.toEpochMillis(batch.createdAt) }
  }))

/** Where outputs go, and from when on what changes here is not overwritten. */
export interface Place {
  readonly directory: string
  readonly since: number
}

/** Of one following: what its members wrote is told apart by it. */
export const landingFor = (place: Place | null, flat: boolean | undefined): Landing | null =>
  place === null ? null : landing(place.directory, flat === true, place.since)

const mostFailures = 1000

const failuresOf = (batch: Batch) =>
  tally(batch.counts).failed === 0
    ? Effect.succeed([])
    : Stream.runCollect(batches.members(batch.id, { limit: mostFailures, status: ["failed", "timed_out"] }))

/** What was brought here by the one who followed it. */
export interface Brought {
  readonly files: number
  readonly bytes: number
  readonly unfetched: number
}

export const nothingBrought: Brought = { files: 0, bytes: 0, unfetched: 0 }

export const broughtToo = ({ bytes, files, unfetched }: Brought, { outputs, unfetched: error }: BatchResult): Brought => ({
  files: files + outputs.length,
  bytes: outputs.reduce((sum, one) => sum + one.bytes, bytes),
  unfetched: unfetched + (error === null ? 0 : 1)
})

/** Of one that has ended. */
export const summary = Effect.fn("sdk.batchSummary")(function*(id: string, { bytes, files, unfetched }: Brought) {
  const batch = yield* batches.get(id)
  const [failures, causes] = yield* Effect.all([failuresOf(batch), batches.causes(id)], { concurrency: 2 })
  const result: BatchSummary = {
    ...batchInfo(batch),
    ok: !hasFailed(batch),
    causes: causes.map(causeInfo),
    failures: failures.map(info),
    written: { files, bytes },
    unfetched
  }
  return result
})

export const progress = (id: string) => Effect.map(batches.get(id), batchInfo)

export const cancel = (id: string) => Effect.map(batches.cancel(id), batchInfo)
