/** Turns a script's output into frames: masked, counted, and with small neighbours joined while nothing can be sent. */
import { headerOf, maxPayloadBytes, type StreamName } from "rgrid/domain/LogFrame"
import { tailBytes } from "rgrid/domain/causes/recognise"
import type { OutputChunk } from "rgrid/ports/Sandbox"
import * as masking from "./masking.ts"
import { LastBytes } from "./LastBytes.ts"

/** Frames as the pieces they are made of, in order: to put them together here would copy all output once more. */
type Pieces = ReadonlyArray<Uint8Array>

export interface Framer {
  /** Takes output in. Returns the frames that are complete now: of another stream than `chunk`'s, or full. */
  readonly push: (chunk: OutputChunk, timeMicros: number) => Pieces
  /** What is still waiting for a neighbour, as a frame. */
  readonly flush: () => Pieces
  /** `flush`, and what masking held back. */
  readonly end: (timeMicros: number) => Pieces
  /** Bytes of each stream that are in frames. */
  readonly sizes: () => Readonly<Record<StreamName, number>>
  /** The end of what it wrote to stderr, masked. */
  readonly stderrTail: () => string
}

interface Waiting {
  readonly stream: StreamName
  readonly time: number
  readonly pieces: Array<Uint8Array>
  size: number
}

export const make = (secrets: ReadonlyArray<Buffer>): Framer => {
  const masks = { stdout: masking.make(secrets), stderr: masking.make(secrets) }
  const sizes = { stdout: 0, stderr: 0 }
  const stderrTail = new LastBytes(tailBytes)
  let seq = 0
  let waiting: Waiting | null = null

  const frame = ({ pieces, size, stream, time }: Waiting): Pieces => {
    const header = headerOf({ stream, seq: seq++, time, offset: sizes[stream] }, size)
    sizes[stream] += size
    return [header, ...pieces]
  }

  const flush = (): Pieces => {
    if (waiting === null) return []
    const whole = frame(waiting)
    waiting = null
    return whole
  }

  const add = (stream: StreamName, bytes: Uint8Array, time: number): Pieces => {
    const frames: Array<Uint8Array> = []
    if (stream === "stderr") stderrTail.add(bytes)
    if (waiting !== null && waiting.stream !== stream) frames.push(...flush())
    for (let at = 0; at < bytes.length;) {
      waiting ??= { stream, time, pieces: [], size: 0 }
      const piece = bytes.subarray(at, at + maxPayloadBytes - waiting.size)
      waiting.pieces.push(piece)
      waiting.size += piece.length
      at += piece.length
      if (waiting.size === maxPayloadBytes) frames.push(...flush())
    }
    return frames
  }

  return {
    push: ({ bytes, stream }, time) => add(stream, masks[stream].push(bytes), time),
    flush,
    end: (time) => [
      ...add("stdout", masks.stdout.end(), time),
      ...add("stderr", masks.stderr.end(), time),
      ...flush()
    ],
    sizes: () => ({ ...sizes }),
    stderrTail: () => stderrTail.text()
  }
}
