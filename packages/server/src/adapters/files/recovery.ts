/** Where a log ends by what is in the object store and what is on disk: after a restart, or a machine's end. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { join } from "node:path"
import { frameLengthAt } from "rgrid/domain/LogFrame"
import type { Attempt } from "rgrid/ports/ExecutionStore"
import { logKey, type ObjectStore } from "rgrid/ports/ObjectStore"
import { logUnavailable, onLogs } from "./errors.ts"
import * as LogFile from "./LogFile.ts"

export interface Recovered {
  readonly length: number
  /** Pieces before this one are objects. */
  readonly firstPiece: number
  readonly sealed: boolean
}

const { pieceBytes } = LogFile

/** Beginning of the names of its files. */
export const placeOf = (directory: string, attempt: Attempt): string =>
  join(directory, `${attempt.execution}_${attempt.fence}`)

/** Position of the first byte that begins no whole frame; the length when all are whole. */
export const wholeFrames = (bytes: Uint8Array): number => {
  let at = 0
  while (at < bytes.length) {
    const length = frameLengthAt(bytes, at)
    if (length === null || Number.isNaN(length) || at + length > bytes.length) return at
    at += length
  }
  return at
}

/** Sizes of the pieces in the object store, from the first. Only the last one of a sealed log is short. */
const sealedPieces = Effect.fnUntraced(function*(objects: ObjectStore["Service"], attempt: Attempt) {
  const sizes: Array<number> = []
  while (sizes.length === 0 || sizes.at(-1) === pieceBytes) {
    const size = yield* objects.size(logKey(attempt, sizes.length)).pipe(
      Effect.catchTags({
        ObjectMissing: () => Effect.succeed(null),
        ObjectsUnavailable: (error) => Effect.fail(logUnavailable(error.detail))
      })
    )
    if (size === null) return sizes
    sizes.push(size)
  }
  return sizes
})

const objectOf = (objects: ObjectStore["Service"], attempt: Attempt, index: number) =>
  Stream.runCollect(objects.get(logKey(attempt, index))).pipe(
    Effect.mapError((error) => logUnavailable("detail" in error ? error.detail : `${error.key} is gone`)),
    Effect.map((chunks) => Buffer.concat([...chunks]))
  )

/**
 * The end of a log of which nothing but `count` full objects is left. A frame that lies across their end is torn, and
 * what is appended must be whole frames: its beginning is given up, so the last object becomes a file again.
 */
const endInObjects = Effect.fnUntraced(function*(
  objects: ObjectStore["Service"],
  attempt: Attempt,
  place: string,
  count: number
) {
  // What is there begins inside of the torn frame, or is older than the objects.
  yield* onLogs(() => LogFile.remove(place, count))
  let end = 0
  let rest: Uint8Array = new Uint8Array(0)
  for (let index = 0; index < count; index++) {
    const bytes = Buffer.concat([rest, yield* objectOf(objects, attempt, index)])
    const whole = wholeFrames(bytes)
    end += whole
    if (end <= index * pieceBytes) return yield* Effect.fail(logUnavailable(`${logKey(attempt, index)} is no log`))
    if (index === count - 1 && whole < bytes.length) {
      const kept = bytes.subarray(0, whole)
      const before = rest.length
      yield* onLogs(() => LogFile.restore(place, index, kept, before))
      yield* objects.remove(logKey(attempt, index)).pipe(Effect.mapError((error) => logUnavailable(error.detail)))
      return { length: end, firstPiece: index, sealed: false }
    }
    rest = bytes.subarray(whole)
  }
  return { length: end, firstPiece: count, sealed: false }
})

export const recover = Effect.fnUntraced(function*(objects: ObjectStore["Service"], attempt: Attempt, place: string) {
  const sizes = yield* sealedPieces(objects, attempt)
  const last = sizes.at(-1)
  if (last !== undefined && last < pieceBytes) {
    // The seal was made and its end was not seen: what is still on disk must never be appended to.
    yield* Effect.ignore(onLogs(() => LogFile.remove(place, sizes.length - 1)))
    const length = (sizes.length - 1) * pieceBytes + last
    return { length, firstPiece: sizes.length, sealed: true } satisfies Recovered
  }
  const length = yield* onLogs(() => LogFile.recover(place, sizes.length))
  if (length !== null) return { length, firstPiece: sizes.length, sealed: false } satisfies Recovered
  return (yield* endInObjects(objects, attempt, place, sizes.length)) satisfies Recovered
})
