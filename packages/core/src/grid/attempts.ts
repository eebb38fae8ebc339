/** What a running attempt asks for: bytes of its inputs, places for its outputs, and its end. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { OutputManifest } from "../domain/Execution.ts"
import { contentsOf, type FileContent, partsOf, type Sha256 } from "../domain/JobSpec.ts"
import { signedUrl } from "../domain/Timing.ts"
import { type Attempt, ExecutionStore, type Part, type Settlement } from "../ports/ExecutionStore.ts"
import { LogStore, OffsetMismatch } from "../ports/LogStore.ts"
import { inputKey, ObjectStore, outputKey } from "../ports/ObjectStore.ts"
import { isConsistent } from "./submit.ts"

/** The runner says something that can't be true. */
export class Contradiction extends Schema.TaggedError<Contradiction>()("Contradiction", { detail: Schema.String }) {}

/** Frames that came with the settlement itself. */
export interface LogTail {
  readonly offset: number
  readonly frames: Uint8Array
}

/** Signed GETs for parts of the attempt's own inputs. */
export const inputs = Effect.fn("grid.inputs")(function*(attempt: Attempt, asked: ReadonlyArray<Sha256>) {
  const { account, spec } = yield* ExecutionStore.use((store) => store.claimed(attempt))
  const objects = yield* ObjectStore
  const own = partsOf(contentsOf(spec))
  if (asked.some((part) => !own.has(part))) return yield* new Contradiction({ detail: "a part is none of its inputs" })
  const signed = yield* Effect.forEach(asked, (part) =>
    objects.presignGet(inputKey(account, part), signedUrl).pipe(Effect.map((get) => [part, get] as const)))
  return Object.fromEntries(signed)
})

const sizeOf = (attempt: Attempt, part: Sha256) =>
  ObjectStore.use((objects) => objects.size(outputKey(attempt, part))).pipe(
    Effect.catchTag("ObjectMissing", () => Effect.succeed(null))
  )

/** Signed PUTs for those parts of the attempt's outputs that the store lacks. */
export const outputPlaces = Effect.fn("grid.outputPlaces")(function*(attempt: Attempt, parts: ReadonlyArray<Part>) {
  yield* ExecutionStore.use((store) => store.claimed(attempt))
  const objects = yield* ObjectStore
  const sizes = yield* Effect.forEach(parts, (part) => sizeOf(attempt, part.sha256), { concurrency: 8 })
  return yield* Effect.forEach(parts.filter((part, index) => sizes[index] !== part.size), (part) =>
    objects.presignPut(outputKey(attempt, part.sha256), part, signedUrl).pipe(Effect.map((put) => ({ ...part, put }))))
})

const contentsIn = (manifest: OutputManifest): ReadonlyArray<FileContent> =>
  manifest.outputs.flatMap(({ content }) => (content === undefined ? [] : [content]))

const checkOutputs = Effect.fnUntraced(function*(attempt: Attempt, manifest: OutputManifest) {
  const contents = contentsIn(manifest)
  if (!contents.every(isConsistent)) return yield* new Contradiction({ detail: "an output's parts do not add up" })
  const parts = [...partsOf(contents)]
  const sizes = yield* Effect.forEach(parts, ([part]) => sizeOf(attempt, part), { concurrency: 8 })
  if (parts.some(([, size], index) => sizes[index] !== size)) {
    return yield* new Contradiction({ detail: "an output's bytes were not uploaded" })
  }
})

const closeLog = Effect.fnUntraced(function*(attempt: Attempt, length: number, tail: LogTail) {
  const logs = yield* LogStore
  const now = tail.frames.length === 0
    ? yield* logs.length(attempt)
    : yield* logs.append(attempt, tail.offset, tail.frames)
  if (now !== length) return yield* new OffsetMismatch({ length: now })
  yield* logs.seal(attempt)
})

/**
 * Ends an attempt: first what the end refers to is made safe, then one transaction says so. Repeating it after a lost
 * answer gives the same answer: the store knows the attempt that settled.
 */
export const settle = Effect.fn("grid.settle")(function*(attempt: Attempt, settlement: Settlement, tail: LogTail) {
  const store = yield* ExecutionStore
  if (yield* store.holds(attempt)) {
    yield* checkOutputs(attempt, settlement.manifest)
    yield* closeLog(attempt, settlement.log.length, tail)
  }
  return yield* store.settle(attempt, settlement)
})
