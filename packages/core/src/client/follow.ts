/** An execution's output as it comes, whatever happens to the connection: nothing skipped, nothing doubled. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Socket from "effect/socket/Socket"
import type { OutputList } from "../api/Executions.ts"
import { decodeToReader, encodeFromReader, isForeign, streamPath, window } from "../api/LogStreamProtocol.ts"
import type { Execution } from "../domain/Execution.ts"
import { headerBytes, type LogFrame } from "../domain/LogFrame.ts"
import type { Progress } from "../domain/Progress.ts"
import { type GridError, ServerUnreachable } from "./errors.ts"
import * as executions from "./executions.ts"
import { GridClient } from "./GridClient.ts"
import { LogBroken, LogCursor } from "./LogCursor.ts"
import { type LogPosition, logStart } from "./LogPosition.ts"
import { type Output, pages } from "./readLog.ts"
import { Shown } from "./Shown.ts"

export type FollowEvent =
  /** `at`: where the log goes on behind it. */
  | (Output & { readonly at: LogPosition })
  /** The attempt before was lost; this one's output follows from the first byte that differs. */
  | { readonly _tag: "NewAttempt"; readonly attempt: number }
  /** How far the attempt is whose script has not started yet. */
  | { readonly _tag: "Progress"; readonly progress: Progress }
  | { readonly _tag: "Reconnecting"; readonly try: number; readonly of: number; readonly detail: string }
  /** `outputs`: what it made, where the grid told it unasked. */
  | { readonly _tag: "Ended"; readonly execution: Execution; readonly outputs?: OutputList }

type Events = Queue.Queue<FollowEvent, GridError | Cause.Done>

/** Tries in a row without a byte of progress. */
const tries = 5

/** The reader grants again after so many bytes (a quarter of the window). */
const grantBytes = window / 4

interface Reading {
  readonly id: string
  readonly cursor: LogCursor
  readonly shown: Shown
  readonly events: Events
  /** Connections that ended without progress, in a row. */
  failures: number
  /** There is such an execution, and the key may read it. */
  known: boolean
  ended: boolean
}

/** The newest that the cursor has passed. */
const deliver = ({ cursor: { attempt, offset }, events, shown }: Reading, frames: ReadonlyArray<LogFrame>) => {
  let end = frames.reduce((at, { bytes }) => at - headerBytes - bytes.length, offset)
  return Effect.forEach(frames, ({ bytes: all, offset: before, seq, stream, time }) => {
    end += headerBytes + all.length
    const bytes = shown.fresh(stream, before, all)
    const at = { attempt, offset: end, frames: seq + 1, ...shown.totals }
    return bytes.length === 0 ? Effect.void : Queue.offer(events, { _tag: "Output", stream, bytes, time, at })
  }, { discard: true })
}

const takeBytes = Effect.fnUntraced(function*(reading: Reading, bytes: Uint8Array) {
  const frames = yield* Effect.try({
    try: () => reading.cursor.take(bytes),
    catch: (error) => new ServerUnreachable({ url: "", detail: error instanceof LogBroken ? error.message : "?" })
  })
  if (frames.length > 0) reading.failures = 0
  yield* deliver(reading, frames)
})

const takeText = Effect.fnUntraced(function*(reading: Reading, text: string) {
  if (isForeign(text)) return
  const message = yield* decodeToReader(text)
  reading.failures = 0
  if (message._tag === "Progress") {
    return yield* Queue.offer(reading.events, { _tag: "Progress", progress: message.progress })
  }
  if (message._tag === "End") {
    const { execution, outputs } = message
    yield* Queue.offer(reading.events, { _tag: "Ended", execution, ...(outputs === undefined ? {} : { outputs }) })
    reading.ended = true
    return
  }
  if (message.attempt === reading.cursor.attempt) return
  if (message.attempt > 1) yield* Queue.offer(reading.events, { _tag: "NewAttempt", attempt: message.attempt })
  reading.cursor.begin(message.attempt)
})

const socketUrl = (url: string, reading: Reading): string => {
  const target = new URL(streamPath(reading.id), url)
  target.protocol = target.protocol.replace("http", "ws")
  target.searchParams.set("attempt", String(reading.cursor.attempt))
  target.searchParams.set("offset", String(reading.cursor.offset))
  return target.href
}

/** Not under `--no-experimental-websocket`, where to make one throws. Asked by name: looking at it would load it. */
const hasWebSocket = (): boolean => "WebSocket" in globalThis

/** One connection, until it ends. */
const connection = Effect.fnUntraced(function*(reading: Reading) {
  const grid = yield* GridClient
  reading.cursor.resume()
  const socket = yield* Socket.makeWebSocket(socketUrl(grid.connection.url, reading), {
    headers: { authorization: `Bearer ${Redacted.value(grid.connection.key)}` },
    openTimeout: "5 seconds"
  })
  const reader = yield* socket.reader
  const writer = yield* socket.writer
  const grant = (bytes: number) => writer.write(encodeFromReader({ _tag: "Credit", bytes }))
  yield* grant(window)
  let taken = 0
  while (!reading.ended) {
    for (const message of yield* reader.pull) {
      if (typeof message === "string") {
        yield* takeText(reading, message)
        continue
      }
      yield* takeBytes(reading, message)
      taken += message.length
      if (taken >= grantBytes) {
        yield* grant(taken)
        taken = 0
      }
    }
  }
}, Effect.scoped)

/** Where no WebSocket can be had, pages of the log do, two seconds at a time (NFR25). */
const byPolling = (reading: Reading) =>
  pages(reading.id, { from: reading.cursor, wait: 2 }).pipe(
    Stream.runForEach((page) =>
      page._tag === "Attempt"
        ? takeText(reading, JSON.stringify(page)).pipe(Effect.orDie)
        : Effect.suspend(() => {
          reading.cursor.pass(page.frames)
          return deliver(reading, page.frames)
        })
    ),
    Effect.andThen(executions.get(reading.id)),
    Effect.flatMap((execution) => {
      reading.ended = true
      return Queue.offer(reading.events, { _tag: "Ended", execution })
    })
  )

const attend = (reading: Reading): Effect.Effect<
  unknown,
  Socket.SocketError | Schema.SchemaError | GridError,
  GridClient | Socket.WebSocketConstructor
> => hasWebSocket() ? connection(reading) : byPolling(reading)

const reconnect = Effect.fnUntraced(function*(reading: Reading, detail: string) {
  reading.failures++
  if (reading.failures > tries) {
    const { connection: { url } } = yield* GridClient
    return yield* new ServerUnreachable({ url, detail, tries })
  }
  if (reading.failures > 1) {
    yield* Queue.offer(reading.events, { _tag: "Reconnecting", try: reading.failures - 1, of: tries - 1, detail })
  }
  if (reading.known) yield* Effect.sleep(Math.min(5000, 100 * 2 ** reading.failures))
  // Tells a wrong key or a deleted execution from a lost connection: a refused WebSocket does not say why.
  yield* executions.get(reading.id)
  reading.known = true
})

const run = Effect.fnUntraced(function*(id: string, from: LogPosition, events: Events) {
  const cursor = new LogCursor()
  cursor.goOn(from)
  const reading: Reading = {
    id,
    cursor,
    shown: new Shown(from),
    events,
    failures: 0,
    known: false,
    ended: false
  }
  while (!reading.ended) {
    yield* attend(reading).pipe(
      Effect.catchTags({
        SchemaError: () => reconnect(reading, "the server spoke no RGrid"),
        ServerUnreachable: (error) => reconnect(reading, error.detail),
        SocketError: (error) =>
          error.reason._tag === "SocketOpenError" && reading.failures >= 2
            ? byPolling(reading)
            : reconnect(reading, error.message)
      })
    )
  }
  yield* Queue.end(events)
})

/**
 * All of an execution's output from its first byte, or from where somebody was, live, then `Ended`. Pulling slowly slows
 * the reading, never the script; memory stays bounded. Connection trouble is told as `Reconnecting` and mended; it fails
 * when five tries in a row brought nothing.
 */
export const follow = (
  id: string,
  from: LogPosition = logStart
): Stream.Stream<FollowEvent, GridError, GridClient | Socket.WebSocketConstructor> =>
  Stream.callback<FollowEvent, GridError, GridClient | Socket.WebSocketConstructor>(
    (events) => run(id, from, events),
    { bufferSize: 16, strategy: "suspend" }
  )
