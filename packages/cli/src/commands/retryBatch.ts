/** Items of a batch once more, as a new batch that one stays with as with the first. */
import * as Clock from "effect/Clock"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { join, resolve } from "node:path"
import type { BatchRetry } from "rgrid/api/Batches"
import * as batches from "rgrid/client/batch/batches"
import { landing } from "rgrid/client/batch/bringBackMember"
import type { Batch } from "rgrid/domain/Batch"
import type { RetryOverrides } from "rgrid/domain/Retry"
import { BadInput } from "../input.ts"
import { startWords, toJson } from "../output/batches.ts"
import { count } from "../output/format.ts"
import * as stdio from "../output/stdio.ts"
import { attachBatch, detachedBatch } from "./attachBatch.ts"
import { batchInput } from "./batchFlags.ts"
import * as flags from "./flags.ts"
import { place } from "./place.ts"
import type { RunAsked } from "./runFlags.ts"
import { standardDirectory } from "./runBatch.ts"

export const retryBatchInput = {
  batch: Flag.String("batch").pipe(Flag.withDescription("The items of this batch, as a new one"), Flag.optional),
  failedOnly: flags.boolean("failed-only", "Of a batch, only items that did not complete"),
  cause: Flag.Int("cause").pipe(
    Flag.withDescription("Of a batch, only items that failed for the cause of this number"),
    Flag.optional
  ),
  flat: batchInput.flat
} as const

interface Asked extends Pick<RunAsked, "detach" | "json" | "watch" | "remoteOnly" | "outputDir" | "flat"> {
  readonly failedOnly: boolean
  readonly cause: Option.Option<number>
}

const fingerprintOf = Effect.fnUntraced(function*(id: string, number: number) {
  const groups = yield* batches.causes(id)
  const found = groups.find((group) => group.number === number)
  if (found !== undefined) return found.fingerprint
  return yield* new BadInput({
    what: `The failures of ${id} have no cause ${number}.`,
    fix: groups.length === 0 ? "None of its items failed." : `It has ${count(groups.length, "cause")}: rgrid why ${id}`
  })
})

const choiceOf = Effect.fnUntraced(function*(id: string, { cause, failedOnly }: Asked) {
  const only = failedOnly || Option.isSome(cause) ? "failed" as const : "all" as const
  return Option.isSome(cause) ? { only, fingerprint: yield* fingerprintOf(id, cause.value) } : { only }
})

/** Where the original's outputs went, unless that was said otherwise. */
const placeOf = Effect.fnUntraced(function*(original: Batch, { flat, outputDir, remoteOnly }: Asked) {
  if (remoteOnly) return null
  const directory = Option.isSome(outputDir)
    ? resolve(outputDir.value)
    : join(yield* place(original, Option.none()), standardDirectory)
  return landing(directory, flat, yield* Clock.currentTimeMillis)
})

export const retryBatch = Effect.fnUntraced(function*(typed: string, asked: Asked, over: RetryOverrides) {
  const original = yield* batches.get(typed)
  const wanted: BatchRetry = { ...yield* choiceOf(original.id, asked), over }
  const landing = yield* placeOf(original, asked)
  const batch = yield* batches.retry(original.id, wanted)
  if (asked.detach) return yield* detachedBatch(batch, asked.json, "Retry started")
  if (asked.json) yield* stdio.jsonLine({ type: "started", batch: toJson(batch) })
  yield* stdio.say(startWords(batch, "item"))
  const { json, watch } = asked
  yield* attachBatch(batch, { json, watch, startedHere: true, landing }, Effect.void)
})
