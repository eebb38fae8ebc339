/** Stdin for a script that runs: sent as it arrives here, each byte once, no faster than the script reads it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { encode, maxPayloadBytes } from "../domain/LogFrame.ts"
import { type GridError, GridRefused } from "./errors.ts"
import { GridClient } from "./GridClient.ts"
import type { Prepared } from "./prepare.ts"

/** Chunks read ahead while a request is under way. */
const readAhead = 16

/** A client that says nothing for five minutes is taken to be gone, and the script's stdin ends. */
const heartbeat = "60 seconds"

interface Sending {
  readonly id: string
  /** Frames, bytes of stdin and bytes of frames the grid has taken. */
  seq: number
  sent: number
  offset: number
}

const slices = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from(
    { length: Math.ceil(bytes.length / maxPayloadBytes) },
    (_, index) => bytes.subarray(index * maxPayloadBytes, (index + 1) * maxPayloadBytes)
  )

const framed = (sending: Sending, chunks: ReadonlyArray<Uint8Array>, time: number): Uint8Array =>
  Buffer.concat(slices(Buffer.concat(chunks)).map((bytes) => {
    const frame = encode({ stream: "stdout", seq: sending.seq++, time, offset: sending.sent, bytes })
    sending.sent += bytes.length
    return frame
  }))

/** A lost answer is asked for again; the grid then has what it was sent, and says so by its length. */
const offer = Effect.fnUntraced(function*({ id, offset }: Sending, frames: Uint8Array) {
  const grid = yield* GridClient
  const end = offset + frames.length
  return yield* grid.ask(
    grid.api.executions.stdin({ params: { id }, query: { offset }, payload: Stream.succeed(frames) }).pipe(
      Effect.catchTag("LogOffsetMismatch", ({ length }) => Effect.succeed({ length: length === end ? end : null, wanted: true }))
    )
  )
})

/** Answers whether anybody still reads. */
const send = Effect.fnUntraced(function*(sending: Sending, frames: Uint8Array) {
  while (true) {
    const { length, wanted } = yield* offer(sending, frames)
    if (length === null) return yield* new GridRefused({ detail: "it has ended this script's stdin" })
    const taken = length > sending.offset || frames.length === 0
    sending.offset = Math.max(sending.offset, length)
    if (taken || !wanted) return wanted
  }
})

/** Tells the script that nothing more will come. */
export const endStdin = (id: string): Effect.Effect<void, GridError, GridClient> =>
  GridClient.use((grid) => Effect.asVoid(grid.ask(grid.api.executions.endStdin({ params: { id } }))))

/** Returns when all of it was taken, or the execution has ended. Needs a job with `stdin: "streamed"`. */
export const sendStdin: (
  id: string,
  stdin: Stream.Stream<Uint8Array>
) => Effect.Effect<void, GridError, GridClient> = Effect.fn("client.sendStdin")(
  function*(id: string, stdin: Stream.Stream<Uint8Array>) {
    const sending: Sending = { id, seq: 0, sent: 0, offset: 0 }
    const chunks = yield* Stream.toQueue(Stream.flatMap(stdin, (bytes) => Stream.fromIterable(slices(bytes))), { capacity: readAhead })
    while (true) {
      const next = yield* Queue.takeAll(chunks).pipe(
        Effect.timeoutOption(heartbeat),
        Effect.catchTag("Done", () => Effect.succeed(null))
      )
      if (next === null) break
      const frames = framed(sending, Option.getOrElse(next, () => []), (yield* Clock.currentTimeMillis) * 1000)
      if (!(yield* send(sending, frames))) return
    }
    yield* endStdin(id)
  },
  Effect.scoped
)

/** How long whoever leaves takes to say so. */
const farewell = "2 seconds"

/** `watch`, while the job's live stdin is sent. Left early, the script's stdin ends as it would if this were a pipe. */
export const whileSending = <A, E, R>(
  id: string,
  { liveStdin }: { readonly liveStdin?: Prepared["liveStdin"] },
  watch: Effect.Effect<A, E, R>
): Effect.Effect<A, E | GridError, R | GridClient> =>
  liveStdin === undefined ? watch : watch.pipe(
    Effect.raceFirst(Effect.andThen(sendStdin(id, liveStdin), Effect.never)),
    Effect.onInterrupt(() => Effect.ignore(Effect.timeout(endStdin(id), farewell)))
  )
