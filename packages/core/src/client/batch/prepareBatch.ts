/** From what a person typed to a batch: as `prepare`, once for all items, and for each what it adds. Nothing is sent yet. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BatchHead, BatchItem } from "../../domain/Batch.ts"
import type { InputFile, Sha256 } from "../../domain/JobSpec.ts"
import { addressed, type PartSource } from "../addressed.ts"
import type { BatchError, PrepareError } from "../errors.ts"
import { described } from "../prepare.ts"
import type { Found } from "../travel/Travelling.ts"
import { type BatchRequest, planBatch, type PlannedItem } from "./plan.ts"

export interface PreparedBatch {
  readonly head: BatchHead
  readonly items: ReadonlyArray<BatchItem>
  readonly sources: ReadonlyMap<Sha256, PartSource>
  /** Milliseconds since 1970, before anything was read: what changes here from then on is not what was sent. */
  readonly began: number
  /** Items that were given again, and are one. */
  readonly duplicates: ReadonlyArray<string>
  /** Every part is sent, also what the grid has stored. */
  readonly anew?: true
}

/** Each once, though many items may name it. */
const filesOf = (items: ReadonlyArray<PlannedItem>): ReadonlyArray<Found> => {
  const files = new Map<string, Found>()
  for (const item of items) for (const file of item.files) files.set(file.here, file)
  return [...files.values()]
}

/** The scope holds texts that are sent as they do not stand here. */
export const prepareBatch: (
  request: BatchRequest
) => Effect.Effect<PreparedBatch, PrepareError | BatchError, Scope.Scope> = Effect.fn("client.prepareBatch")(function*(request: BatchRequest) {
  const began = yield* Clock.currentTimeMillis
  const { duplicates, items, plan } = yield* planBatch(request)
  const job = yield* described(request, plan)
  const found = filesOf(items)
  const own = yield* addressed(found, request.noCache === true)
  const files = new Map<string, InputFile>(found.map(({ here }, index) => [here, own.files[index]!]))
  return {
    head: { version: 1 as const, job: job.spec, options: request.options, items: items.length },
    items: items.map((item) => ({ ...item, files: item.files.map(({ here }) => files.get(here)!) })),
    sources: new Map([...job.sources, ...own.sources]),
    began,
    duplicates,
    ...(request.noCache === true ? { anew: true as const } : {})
  }
})
