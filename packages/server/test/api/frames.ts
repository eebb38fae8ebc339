import { encode, type LogFrame } from "rgrid/domain/LogFrame"

/** Frames of `payload` bytes each, numbered and counted as a runner would; the bytes are never all alike. */
export const frames = (count: number, payload: number, firstSeq = 0): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, index) => {
    const seq = firstSeq + index
    const bytes = new Uint8Array(payload).fill(seq * 31 % 251)
    const frame: LogFrame = { stream: "stdout", seq, time: 1_700_000_000_000_000 + seq, offset: seq * payload, bytes }
    return encode(frame)
  }))
