/**
 * Logs as append-only files, sealed piece by piece into the object store: full pieces while the attempt runs, the rest when
 * it settles. The last sealed piece is always short of 8 MiB, if need be empty: that is how a sealed log is known.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { Sha256 } from "rgrid/domain/JobSpec"
import { frameLengthAt } from "rgrid/domain/LogFrame"
import type { Attempt } from "rgrid/ports/ExecutionStore"
import { LogStore, type LogUnavailable, MalformedLog, OffsetMismatch } from "rgrid/ports/LogStore"
import { logKey, ObjectStore } from "rgrid/ports/ObjectStore"
import { logUnavailable, onLogs } from "./errors.ts"
import * as LogFile from "./LogFile.ts"

export interface FilesLogSettings {
  /** Absolute; made when it is missing. */
  readonly directory: string
}

/** One attempt's log, as far as this process knows. */
interface Log {
  readonly attempt: Attempt
  readonly directory: string
  /** Held while the log's end moves. */
  readonly writing: Semaphore.Semaphore
  readonly sealing: Semaphore.Semaphore
  readonly changed: PubSub.PubSub<void>
  length: number
  /** Pieces before this one are objects. */
  firstPiece: number
  sealed: boolean
}

/** Sealed logs known at a time, about; the least recently used is looked up again when it is asked for. */
const mostKnown = 2000

const { pieceBytes } = LogFile

/** Position of the first byte that begins no whole frame; the length when all are whole. */
const wholeFrames = (bytes: Uint8Array): number => {
  let at = 0
  while (at < bytes.length) {
    const length = frameLengthAt(bytes, at)
    if (length === null || Number.isNaN(length) || at + length > bytes.length) return at
    at += length
  }
  return at
}

const make = Effect.fnUntraced(function*({ directory }: FilesLogSettings) {
  const objects = yield* ObjectStore
  const scope = yield* Effect.scope
  const known = new Map<string, Log>()
  const loading = yield* Semaphore.make(1)
  yield* onLogs(() => mkdir(directory, { recursive: true, mode: 0o700 }))

  /** Sizes of the pieces in the object store, from the first. */
  const sealedPieces = Effect.fnUntraced(function*(attempt: Attempt) {
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

  const load = Effect.fnUntraced(function*(attempt: Attempt) {
    const place = join(directory, attempt.execution, String(attempt.fence))
    const found = yield* onLogs(() => LogFile.recover(place))
    const sizes = found !== null && found.first === 0 ? [] : yield* sealedPieces(attempt)
    const last = sizes.at(-1)
    return {
      attempt,
      directory: place,
      writing: yield* Semaphore.make(1),
      sealing: yield* Semaphore.make(1),
      changed: yield* PubSub.sliding<void>(1),
      length: found?.length ?? sizes.reduce((sum, size) => sum + size, 0),
      firstPiece: found?.first ?? sizes.length,
      sealed: found === null && last !== undefined && last < pieceBytes
    } satisfies Log
  })

  /** Only sealed ones: of a log that is still written there must be one, with one lock. */
  const forgetOldest = () => {
    if (known.size <= mostKnown) return
    for (const [key, log] of known) if (log.sealed) return known.delete(key)
  }

  const logOf = (attempt: Attempt): Effect.Effect<Log, LogUnavailable> => {
    const key = `${attempt.execution}/${attempt.fence}`
    const here = known.get(key)
    if (here !== undefined) {
      known.delete(key)
      known.set(key, here)
      return Effect.succeed(here)
    }
    return Effect.gen(function*() {
      const log = known.get(key) ?? (yield* load(attempt))
      known.set(key, log)
      forgetOldest()
      return log
    }).pipe(loading.withPermits(1))
  }

  /** Makes one piece an object; its file goes after, and may stay: what is sealed is never read from it again. */
  const sealPiece = Effect.fnUntraced(function*(log: Log, index: number) {
    const start = index * pieceBytes
    const bytes = (yield* onLogs(() => LogFile.readPiece(log.directory, start, pieceBytes))) ?? new Uint8Array(0)
    const sha256 = Sha256.make(createHash("sha256").update(bytes).digest("hex"))
    yield* objects.put(logKey(log.attempt, index), { sha256, size: bytes.length }, Stream.succeed(bytes)).pipe(
      Effect.mapError((error) => logUnavailable(error.detail))
    )
    log.firstPiece = index + 1
    // Only the last piece is short: from here on nothing may follow it.
    if (bytes.length < pieceBytes) log.sealed = true
    yield* Effect.ignore(onLogs(() => LogFile.removePiece(log.directory, index)))
  })

  const sealUpTo = (log: Log, last: number) =>
    Effect.gen(function*() {
      while (log.firstPiece <= last) yield* sealPiece(log, log.firstPiece)
    }).pipe(log.sealing.withPermits(1))

  const write = Effect.fnUntraced(function*(log: Log, offset: number, frames: Uint8Array) {
    if (log.sealed || offset !== log.length) return yield* new OffsetMismatch({ length: log.length })
    const whole = wholeFrames(frames)
    if (whole < frames.length) return yield* new MalformedLog({ at: offset + whole })
    yield* onLogs(() => LogFile.append(log.directory, offset, frames)).pipe(
      // A full disk may have taken half of it: the log must end where it is said to end.
      Effect.tapError(() => Effect.ignore(onLogs(() => LogFile.cut(log.directory, offset))))
    )
    log.length = offset + frames.length
    const full = Math.floor(log.length / pieceBytes) - 1
    if (full >= log.firstPiece) yield* Effect.forkIn(Effect.ignore(sealUpTo(log, full)), scope)
    yield* PubSub.publish(log.changed, undefined)
    return log.length
  })

  const readOne = Effect.fnUntraced(function*(log: Log, offset: number, limit: number) {
    const local = yield* onLogs(() => LogFile.readPiece(log.directory, offset, limit))
    if (local !== null) return local
    const index = Math.floor(offset / pieceBytes)
    const range = { offset: offset - index * pieceBytes, limit }
    const chunks = yield* Stream.runCollect(objects.get(logKey(log.attempt, index), range)).pipe(
      Effect.catchTags({
        ObjectMissing: () => Effect.succeed([]),
        ObjectsUnavailable: (error) => Effect.fail(logUnavailable(error.detail))
      })
    )
    return Buffer.concat([...chunks])
  })

  const read = Effect.fnUntraced(function*(attempt: Attempt, offset: number, limit: number) {
    const log = yield* logOf(attempt)
    const end = Math.min(log.length, offset + limit)
    const pieces: Array<Uint8Array> = []
    for (let at = offset; at < end;) {
      const pieceEnd = (Math.floor(at / pieceBytes) + 1) * pieceBytes
      const bytes = yield* readOne(log, at, Math.min(end, pieceEnd) - at)
      if (bytes.length === 0) break
      pieces.push(bytes)
      at += bytes.length
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  })

  const seal = Effect.fnUntraced(function*(log: Log) {
    if (log.sealed) return
    yield* sealUpTo(log, Math.floor(log.length / pieceBytes))
    yield* PubSub.publish(log.changed, undefined)
    yield* Effect.ignore(onLogs(() => LogFile.remove(log.directory)))
  })

  return LogStore.of({
    append: (attempt, offset, frames) =>
      // Interrupted half way, what was written would stand behind an end that knows nothing of it.
      Effect.flatMap(logOf(attempt), (log) => Effect.uninterruptible(log.writing.withPermits(1)(write(log, offset, frames)))),
    length: (attempt) => Effect.map(logOf(attempt), (log) => log.length),
    read,
    changes: (attempt) =>
      Stream.unwrap(
        Effect.flatMap(logOf(attempt), (log) => PubSub.subscribe(log.changed)).pipe(
          Effect.map((subscription) => Stream.concat(Stream.succeed(undefined), Stream.fromSubscription(subscription))),
          // Who waits for changes of a log that can't be read looks at it and is told so.
          Effect.catch(() => Effect.succeed(Stream.succeed(undefined)))
        )
      ),
    seal: (attempt) =>
      Effect.flatMap(logOf(attempt), (log) => Effect.uninterruptible(log.writing.withPermits(1)(seal(log)))),
    remove: Effect.fnUntraced(function*(attempt) {
      const log = yield* logOf(attempt)
      const last = Math.floor(log.length / pieceBytes)
      for (let index = 0; index <= last; index++) {
        yield* objects.remove(logKey(attempt, index)).pipe(Effect.mapError((error) => logUnavailable(error.detail)))
      }
      yield* onLogs(() => LogFile.remove(log.directory))
      known.delete(`${attempt.execution}/${attempt.fence}`)
    })
  })
})

export const layer = (settings: FilesLogSettings): Layer.Layer<LogStore, LogUnavailable, ObjectStore> =>
  Layer.effect(LogStore, make(settings))
