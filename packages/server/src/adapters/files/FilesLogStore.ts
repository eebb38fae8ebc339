/**
 * Logs as append-only files, sealed piece by piece into the object store: full pieces while the attempt runs, the rest when
 * it settles. The last sealed piece is always short of 8 MiB, if need be empty: that is how a sealed log is known.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { mkdir } from "node:fs/promises"
import type { Attempt } from "rgrid/ports/ExecutionStore"
import { LogStore, type LogUnavailable, MalformedLog, OffsetMismatch } from "rgrid/ports/LogStore"
import { logKey, ObjectStore } from "rgrid/ports/ObjectStore"
import { logUnavailable, onLogs } from "./errors.ts"
import * as LogFile from "./LogFile.ts"
import { Recent } from "./Recent.ts"
import { placeOf, recover, wholeFrames } from "./recovery.ts"

export interface FilesLogSettings {
  /** Absolute; made when it is missing. */
  readonly directory: string
  /** Logs known at a time, about; the least recently used is looked up again when it is asked for. */
  readonly mostKnown?: number
}

/** One attempt's log, as far as this process knows. */
interface Log {
  readonly attempt: Attempt
  /** Where its files are. */
  readonly place: string
  /** Held while the log's end moves. */
  readonly writing: Semaphore.Semaphore
  readonly sealing: Semaphore.Semaphore
  readonly changed: PubSub.PubSub<void>
  length: number
  /** Pieces before this one are objects. */
  firstPiece: number
  sealed: boolean
  /** Who reads, writes or listens now. */
  users: number
  /** The log's end, while somebody listens. */
  readonly recent: Recent
}

const { pieceBytes } = LogFile

const keyOf = ({ execution, fence }: Attempt): string => `${execution}/${fence}`

const make = Effect.fnUntraced(function*({ directory, mostKnown = 20_000 }: FilesLogSettings) {
  const objects = yield* ObjectStore
  const scope = yield* Effect.scope
  const known = new Map<string, Log>()
  const loading = yield* Semaphore.make(1)
  yield* onLogs(() => mkdir(directory, { recursive: true, mode: 0o700 }))

  const load = Effect.fnUntraced(function*(attempt: Attempt) {
    const place = placeOf(directory, attempt)
    return {
      attempt,
      place,
      writing: yield* Semaphore.make(1),
      sealing: yield* Semaphore.make(1),
      changed: yield* PubSub.sliding<void>(1),
      users: 0,
      recent: new Recent(),
      ...(yield* recover(objects, attempt, place))
    } satisfies Log
  })

  /** Only idle ones: of a log that is written or listened to there must be one, with one lock. */
  const forgetOldest = () => {
    for (const [key, log] of known) {
      if (known.size <= mostKnown) return
      if (log.users === 0) known.delete(key)
    }
  }

  /** In one go: nobody forgets it in between. */
  const enter = (log: Log): Log => {
    const key = keyOf(log.attempt)
    known.delete(key)
    known.set(key, log)
    log.users++
    return log
  }

  const enterLog = (attempt: Attempt): Effect.Effect<Log, LogUnavailable> =>
    Effect.suspend(() => {
      const here = known.get(keyOf(attempt))
      if (here !== undefined) return Effect.succeed(enter(here))
      return Effect.gen(function*() {
        return enter(known.get(keyOf(attempt)) ?? (yield* load(attempt)))
      }).pipe(loading.withPermits(1))
    })

  const leave = (log: Log) =>
    Effect.sync(() => {
      log.users--
      if (log.users === 0) log.recent.forget()
      forgetOldest()
    })

  const withLog = <A, E>(attempt: Attempt, use: (log: Log) => Effect.Effect<A, E>) =>
    Effect.acquireUseRelease(enterLog(attempt), use, leave)

  /** Makes one piece an object. What its file leaves behind may stay. */
  const sealPiece = Effect.fnUntraced(function*(log: Log, index: number) {
    const start = index * pieceBytes
    const size = Math.min(pieceBytes, log.length - start)
    if (size === 0) yield* onLogs(() => LogFile.makeEmpty(log.place, index))
    // It fails when there is less: never is safe called what is not there.
    yield* objects.adopt(logKey(log.attempt, index), size, LogFile.pieceFile(log.place, index)).pipe(
      Effect.mapError((error) => logUnavailable(error.detail))
    )
    log.firstPiece = index + 1
    // Only the last piece is short: from here on nothing may follow it.
    if (size < pieceBytes) log.sealed = true
    yield* Effect.ignore(onLogs(() => LogFile.removeMark(log.place, index)))
  })

  /** Full pieces, and the short one behind them when `all` is asked for; by the log's end as it is then. */
  const sealPieces = (log: Log, all: boolean) =>
    Effect.gen(function*() {
      while (log.firstPiece < Math.floor(log.length / pieceBytes) || (all && !log.sealed)) {
        yield* sealPiece(log, log.firstPiece)
      }
    }).pipe(log.sealing.withPermits(1))

  const write = Effect.fnUntraced(function*(log: Log, offset: number, frames: Uint8Array) {
    if (log.sealed || offset !== log.length) return yield* new OffsetMismatch({ length: log.length })
    const whole = wholeFrames(frames)
    if (whole < frames.length) return yield* new MalformedLog({ at: offset + whole })
    yield* onLogs(() => LogFile.append(log.place, offset, frames)).pipe(
      // A full disk may have taken half of it: the log must end where it is said to end.
      Effect.tapError(() => Effect.ignore(onLogs(() => LogFile.cut(log.place, offset))))
    )
    log.length = offset + frames.length
    // Whoever writes is one of them.
    if (log.users > 1) log.recent.add(offset, frames)
    if (log.firstPiece < Math.floor(log.length / pieceBytes)) {
      yield* Effect.forkIn(Effect.ignore(withLog(log.attempt, (full) => sealPieces(full, false))), scope)
    }
    yield* PubSub.publish(log.changed, undefined)
    return log.length
  })

  const readOne = Effect.fnUntraced(function*(log: Log, offset: number, limit: number) {
    const local = yield* onLogs(() => LogFile.readPiece(log.place, offset, limit))
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

  const read = Effect.fnUntraced(function*(log: Log, offset: number, limit: number) {
    const end = Math.min(log.length, offset + limit)
    const fresh = log.recent.read(offset, end)
    if (fresh !== null) return fresh
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
    yield* sealPieces(log, true)
    yield* PubSub.publish(log.changed, undefined)
  })

  const alone = (log: Log) => <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    effect.pipe(log.sealing.withPermits(1), log.writing.withPermits(1))

  const remove = Effect.fnUntraced(function*(log: Log) {
    const last = Math.floor(log.length / pieceBytes)
    for (let index = 0; index <= last; index++) {
      yield* objects.remove(logKey(log.attempt, index)).pipe(Effect.mapError((error) => logUnavailable(error.detail)))
    }
    yield* onLogs(() => LogFile.remove(log.place, last))
    // For whoever waited for it: the next log of this attempt is another one, with locks of its own.
    log.recent.forget()
    Object.assign(log, { length: 0, firstPiece: 0, sealed: true })
    if (known.get(keyOf(log.attempt)) === log) known.delete(keyOf(log.attempt))
  })

  return LogStore.of({
    append: (attempt, offset, frames) =>
      // Interrupted half way, what was written would stand behind an end that knows nothing of it.
      withLog(attempt, (log) => Effect.uninterruptible(log.writing.withPermits(1)(write(log, offset, frames)))),
    length: (attempt) => withLog(attempt, (log) => Effect.succeed(log.length)),
    read: (attempt, offset, limit) => withLog(attempt, (log) => read(log, offset, limit)),
    changes: (attempt) =>
      Stream.unwrap(
        Effect.acquireRelease(enterLog(attempt), leave).pipe(
          Effect.flatMap((log) => PubSub.subscribe(log.changed)),
          Effect.map((subscription) => Stream.concat(Stream.succeed(undefined), Stream.fromSubscription(subscription))),
          // Who waits for changes of a log that can't be read looks at it and is told so.
          Effect.catch(() => Effect.succeed(Stream.succeed(undefined)))
        )
      ),
    seal: (attempt) => withLog(attempt, (log) => Effect.uninterruptible(log.writing.withPermits(1)(seal(log)))),
    sealed: (attempt) => withLog(attempt, ({ sealed }) => Effect.succeed(sealed)),
    remove: (attempt) => withLog(attempt, (log) => Effect.uninterruptible(alone(log)(remove(log))))
  })
})

export const layer = (settings: FilesLogSettings): Layer.Layer<LogStore, LogUnavailable, ObjectStore> =>
  Layer.effect(LogStore, make(settings))
