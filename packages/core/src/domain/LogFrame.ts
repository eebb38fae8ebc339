/**
 * The log of an attempt: both streams in order of arrival, as frames. A frame is a 32-byte header, then its bytes:
 *
 *     u8 stream (1 stdout, 2 stderr) · 3 × 0 · u32le length · u32le seq · 4 × 0 · u64le time µs · u64le stream offset
 *
 * The framed log is append-only, and a position in it (bytes from its start) is what writers append at and readers resume
 * from. `seq` counts frames from 0, `stream offset` the bytes of that stream before this frame, so that a gap or a
 * repetition is seen by whoever reads.
 */

export const headerBytes = 32

/** A frame never carries more, so that a reader can interleave and a writer can flush (64 KiB). */
export const maxPayloadBytes = 64 * 1024

export type StreamName = "stdout" | "stderr"

export interface LogFrame {
  readonly stream: StreamName
  readonly seq: number
  /** Microseconds since 1970, on the runner's clock. */
  readonly time: number
  /** Bytes of the same stream before this frame. */
  readonly offset: number
  readonly bytes: Uint8Array
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What stands before a frame's `length` bytes. */
export const headerOf = (frame: Omit<LogFrame, "bytes">, length: number): Uint8Array => {
  const bytes = new Uint8Array(headerBytes)
  const header = view(bytes)
  header.setUint8(0, frame.stream === "stdout" ? 1 : 2)
  header.setUint32(4, length, true)
  header.setUint32(8, frame.seq, true)
  header.setBigUint64(16, BigInt(frame.time), true)
  header.setBigUint64(24, BigInt(frame.offset), true)
  return bytes
}

export const encode = (frame: LogFrame): Uint8Array => {
  const { length } = frame.bytes
  const whole = new Uint8Array(headerBytes + length)
  whole.set(headerOf(frame, length))
  whole.set(frame.bytes, headerBytes)
  return whole
}

/** Length of the frame that starts at `at`, header included; `null` while the header is cut; `NaN` when it is no frame. */
export const frameLengthAt = (bytes: Uint8Array, at: number): number | null => {
  if (bytes.length - at < headerBytes) return null
  const stream = bytes[at]
  const length = view(bytes).getUint32(at + 4, true)
  return (stream === 1 || stream === 2) && length > 0 && length <= maxPayloadBytes ? headerBytes + length : Number.NaN
}

const decodeAt = (bytes: Uint8Array, at: number, length: number): LogFrame => {
  const header = view(bytes)
  return {
    stream: bytes[at] === 1 ? "stdout" : "stderr",
    seq: header.getUint32(at + 8, true),
    time: Number(header.getBigUint64(at + 16, true)),
    offset: Number(header.getBigUint64(at + 24, true)),
    bytes: bytes.subarray(at + headerBytes, at + length)
  }
}

export interface Decoded {
  readonly frames: ReadonlyArray<LogFrame>
  /** Bytes consumed: whole frames only. */
  readonly consumed: number
  /** The bytes at `consumed` are no frame: the log is torn or not a log. */
  readonly malformed: boolean
}

/** All whole frames at the start of `bytes`. The frames share its memory. */
export const decode = (bytes: Uint8Array): Decoded => {
  const frames: Array<LogFrame> = []
  let at = 0
  while (true) {
    const length = frameLengthAt(bytes, at)
    if (length === null) return { frames, consumed: at, malformed: false }
    if (Number.isNaN(length)) return { frames, consumed: at, malformed: true }
    if (bytes.length - at < length) return { frames, consumed: at, malformed: false }
    frames.push(decodeAt(bytes, at, length))
    at += length
  }
}
