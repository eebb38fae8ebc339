/** The port to logs in memory: for tests and for a first look. Everything is gone with the process. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { decode } from "../domain/LogFrame.ts"
import type { Attempt } from "../ports/ExecutionStore.ts"
import { LogStore, MalformedLog, OffsetMismatch } from "../ports/LogStore.ts"

/** One attempt's log. */
interface Log {
  /** Holds `length` bytes of log, then room for more. */
  bytes: Uint8Array
  length: number
  sealed: boolean
  /** Of one place: whoever did not listen to many changes has one to catch up with. */
  readonly changed: PubSub.PubSub<void>
}

/** Twice the room whenever it runs out, so that a long log is not copied for each of its frames. */
const extend = (log: Log, more: Uint8Array): void => {
  const length = log.length + more.length
  if (length > log.bytes.length) {
    const roomier = new Uint8Array(Math.max(length, 2 * log.bytes.length))
    roomier.set(log.bytes.subarray(0, log.length))
    log.bytes = roomier
  }
  log.bytes.set(more, log.length)
  log.length = length
}

/** In one go: nothing else runs between the look at the end and the write. */
const append = (log: Log, offset: number, frames: Uint8Array) =>
  Effect.suspend((): Effect.Effect<number, OffsetMismatch | MalformedLog> => {
    if (log.sealed || offset !== log.length) return Effect.fail(new OffsetMismatch({ length: log.length }))
    const { consumed } = decode(frames)
    if (consumed < frames.length) return Effect.fail(new MalformedLog({ at: offset + consumed }))
    extend(log, frames)
    PubSub.publishUnsafe(log.changed, undefined)
    return Effect.succeed(log.length)
  })

const seal = (log: Log): void => {
  if (log.sealed) return
  log.sealed = true
  PubSub.publishUnsafe(log.changed, undefined)
}

/** Its listeners stay: they hear of what is written under the same attempt afterwards. */
const forget = (log: Log): void => {
  log.bytes = new Uint8Array(0)
  log.length = 0
  log.sealed = false
}

export const make: Effect.Effect<LogStore["Service"]> = Effect.sync(() => {
  const logs = new Map<string, Log>()
  const logOf = Effect.fnUntraced(function*({ execution, fence }: Attempt) {
    const changed = yield* PubSub.sliding<void>(1)
    const key = `${execution}/${fence}`
    const log = logs.get(key) ?? { bytes: new Uint8Array(0), length: 0, sealed: false, changed }
    logs.set(key, log)
    return log
  })
  return {
    append: (attempt, offset, frames) => Effect.flatMap(logOf(attempt), (log) => append(log, offset, frames)),
    length: (attempt) => Effect.map(logOf(attempt), ({ length }) => length),
    read: (attempt, offset, limit) =>
      Effect.map(logOf(attempt), ({ bytes, length }) => bytes.slice(offset, Math.min(length, offset + limit))),
    changes: (attempt) =>
      Stream.unwrap(
        Effect.flatMap(logOf(attempt), ({ changed }) => PubSub.subscribe(changed)).pipe(
          Effect.map((subscription) => Stream.concat(Stream.succeed(undefined), Stream.fromSubscription(subscription)))
        )
      ),
    seal: (attempt) => Effect.map(logOf(attempt), seal),
    sealed: (attempt) => Effect.map(logOf(attempt), ({ sealed }) => sealed),
    remove: (attempt) => Effect.map(logOf(attempt), forget)
  }
})

export const layer: Layer.Layer<LogStore> = Layer.effect(LogStore, make)
