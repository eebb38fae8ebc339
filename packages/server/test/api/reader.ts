/** A reader of the log stream that counts what it granted and what it got. */
import * as Effect from "effect/Effect"
import * as Socket from "effect/socket/Socket"
import { decodeToReader, encodeFromReader, streamPath, type ToReader } from "rgrid/api/LogStreamProtocol"
import type { ExecutionId } from "rgrid/domain/Id"
import { Grid } from "./harness.ts"

export interface Reader {
  readonly grant: (bytes: number) => Effect.Effect<void>
  /** The next messages, at least one. */
  readonly pull: Effect.Effect<ReadonlyArray<Uint8Array | string>, Socket.SocketError>
}

export const open = Effect.fnUntraced(function*(execution: ExecutionId, from: { attempt: number; offset: number }) {
  const { key, url } = yield* Grid
  const query = `?attempt=${from.attempt}&offset=${from.offset}`
  const address = url.replace("http", "ws") + streamPath(execution) + query
  const socket = yield* Socket.makeWebSocket(address, { headers: { authorization: `Bearer ${key}` } })
  const { pull } = yield* socket.reader
  const writer = yield* socket.writer
  const grant = (bytes: number) => Effect.orDie(writer.write(encodeFromReader({ _tag: "Credit", bytes })))
  return { grant, pull } satisfies Reader
})

/** What one connection brought. */
export interface Brought {
  readonly bytes: ReadonlyArray<Uint8Array>
  readonly length: number
  readonly said: ReadonlyArray<ToReader>
}

/** Reads until the end, or until `most` bytes came and the connection is cut; never grants more than `window`. */
export const readSome = Effect.fnUntraced(
  function*(execution: ExecutionId, from: { attempt: number; offset: number }, window: number, most: number) {
    const reader = yield* open(execution, from)
    yield* reader.grant(window)
    const bytes: Array<Uint8Array> = []
    const said: Array<ToReader> = []
    let length = 0
    let granted = window
    while (length < most && said.at(-1)?._tag !== "End") {
      for (const message of yield* reader.pull) {
        if (typeof message === "string") {
          said.push(yield* decodeToReader(message))
          continue
        }
        bytes.push(message)
        length += message.length
        if (length > granted) return yield* Effect.die(`${length} bytes came on a credit of ${granted}`)
      }
      if (granted - length < window / 2) {
        yield* reader.grant(length + window - granted)
        granted = length + window
      }
    }
    return { bytes, length, said } satisfies Brought
  },
  Effect.scoped
)
