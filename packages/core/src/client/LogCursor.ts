/** Where a reader is in an execution's log: fed bytes as they come, cut anywhere, it gives whole frames and its position. */
import { decode, frameLengthAt, headerBytes, type LogFrame } from "../domain/LogFrame.ts"
import type { LogPosition } from "./LogPosition.ts"

const empty = new Uint8Array(0)

/** The log is not what was written: bytes are missing or doubled. Never shown as if nothing had happened. */
export class LogBroken extends Error {
  override readonly name = "LogBroken"
}

export class LogCursor {
  /** Attempt being read; 0: whichever is first. */
  attempt = 0
  /** Bytes of whole frames taken from this attempt's log. */
  offset = 0
  private rest: Uint8Array = empty
  private seq = 0

  /** Where somebody else was. */
  goOn({ attempt, frames, offset }: Pick<LogPosition, "attempt" | "frames" | "offset">): void {
    this.begin(attempt)
    this.offset = offset
    this.seq = frames
  }

  begin(attempt: number): void {
    this.attempt = attempt
    this.offset = 0
    this.seq = 0
    this.rest = empty
  }

  /** After a cut connection the server sends from `offset` again. */
  resume(): void {
    this.rest = empty
  }

  /** Frames that came otherwise, whole. */
  pass(frames: ReadonlyArray<LogFrame>): void {
    for (const { bytes } of frames) this.offset += headerBytes + bytes.length
    this.seq += frames.length
  }

  take(bytes: Uint8Array): ReadonlyArray<LogFrame> {
    const lacking = this.lacking(bytes)
    if (lacking === 0) return this.wholeIn(bytes)
    // Only the frame that was cut is put together: copying all that came would be most of a flood's cost.
    const first = this.wholeIn(joined(this.rest, bytes.subarray(0, lacking)))
    return lacking < bytes.length ? [...first, ...this.wholeIn(bytes.subarray(lacking))] : first
  }

  /** How much of `bytes` belongs to the frame that was cut. */
  private lacking(bytes: Uint8Array): number {
    const { length } = this.rest
    if (length === 0) return 0
    const header = length < headerBytes ? joined(this.rest, bytes.subarray(0, headerBytes - length)) : this.rest
    const frame = frameLengthAt(header, 0)
    return frame === null || Number.isNaN(frame) ? bytes.length : Math.min(bytes.length, frame - length)
  }

  private wholeIn(bytes: Uint8Array): ReadonlyArray<LogFrame> {
    const decoded = decode(bytes)
    if (decoded.malformed) throw new LogBroken(`not a frame at ${this.offset + decoded.consumed}`)
    for (const frame of decoded.frames) {
      if (frame.seq !== this.seq) throw new LogBroken(`frame ${frame.seq} came instead of ${this.seq}`)
      this.seq++
    }
    this.offset += decoded.consumed
    this.rest = bytes.slice(decoded.consumed)
    return decoded.frames
  }
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
