/** Ways to show an execution's output: as it was written, by lines with their time, or only the last lines. */
import type * as Effect from "effect/Effect"
import type { Output } from "rgrid/client/readLog"
import { position } from "./format.ts"
import { type PipeClosed, stderr, stdout } from "./stdio.ts"

export type Show = (output: Output) => Effect.Effect<void, PipeClosed>

/** stdout to stdout, stderr to stderr, byte for byte. */
export const verbatim: Show = ({ bytes, stream }) => stream === "stdout" ? stdout(bytes) : stderr(bytes)

const newline = 10

/** Calls `each` with every piece of `bytes` that ends with a newline, and with what is left behind the last. */
const pieces = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const found: Array<Uint8Array> = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(newline, start)
    const next = end < 0 ? bytes.length : end + 1
    found.push(bytes.subarray(start, next))
    start = next
  }
  return found
}

/** Puts the time before each line; a line waits for its end so that the streams don't cut into each other's. */
export class Timestamped {
  readonly #since: number
  readonly #open = { stdout: [] as Array<Uint8Array>, stderr: [] as Array<Uint8Array> }
  readonly #began = { stdout: 0, stderr: 0 }

  /** `since`: what the times count from, milliseconds since 1970. */
  constructor(since: number) {
    this.#since = since
  }

  /** The lines that are whole now. */
  take({ bytes, stream, time }: Output): ReadonlyArray<Output> {
    const whole: Array<Output> = []
    for (const piece of pieces(bytes)) {
      if (this.#open[stream].length === 0) this.#began[stream] = time
      this.#open[stream].push(piece)
      if (piece.at(-1) === newline) whole.push(this.#close(stream))
    }
    return whole
  }

  /** Lines that never ended. */
  rest(): ReadonlyArray<Output> {
    const open = (["stdout", "stderr"] as const).filter((stream) => this.#open[stream].length > 0)
    return open.map((stream) => this.#close(stream))
  }

  #close(stream: Output["stream"]): Output {
    const time = this.#began[stream]
    const mark = new TextEncoder().encode(`${position(time / 1000 - this.#since)} `)
    const bytes = Buffer.concat([mark, ...this.#open[stream]])
    this.#open[stream] = []
    return { _tag: "Output", stream, bytes, time }
  }
}

/** Keeps the last lines of both streams together, in the order they came, in memory that what is dropped frees. */
export class LastLines {
  readonly #lines: number
  #kept: Array<Output> = []

  constructor(lines: number) {
    this.#lines = lines
  }

  add(output: Output): void {
    for (const bytes of pieces(output.bytes)) this.#kept.push({ ...output, bytes })
    if (this.#kept.length > 4 * this.#lines + 1024) this.#kept = this.#trimmed()
  }

  all(): ReadonlyArray<Output> {
    return this.#trimmed()
  }

  #trimmed(): Array<Output> {
    let lines = 0
    // A piece without a newline belongs to the line that goes on in the next piece of its stream.
    const open = { stdout: false, stderr: false }
    for (let i = this.#kept.length - 1; i >= 0; i--) {
      const { bytes, stream } = this.#kept[i]!
      const isEnd = bytes.at(-1) === newline || !open[stream]
      if (isEnd && ++lines > this.#lines) return this.#kept.slice(i + 1)
      open[stream] = true
    }
    return this.#kept
  }
}
