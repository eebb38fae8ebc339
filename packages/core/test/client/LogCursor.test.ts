import { assert, describe, it } from "@effect/vitest"
import { LogBroken, LogCursor } from "rgrid/client/LogCursor"
import { encode, type LogFrame } from "rgrid/domain/LogFrame"

const frame = (seq: number, length: number): LogFrame => ({
  stream: "stdout",
  seq,
  time: 1_700_000_000_000_000 + seq,
  offset: seq * length,
  bytes: new Uint8Array(length).fill(seq + 1)
})

const log = Buffer.concat(Array.from({ length: 5 }, (_, seq) => encode(frame(seq, 40))))

/** All frames of the log, taken in pieces of this size. */
const taken = (size: number) => {
  const cursor = new LogCursor()
  cursor.begin(1)
  const frames: Array<LogFrame> = []
  for (let at = 0; at < log.length; at += size) frames.push(...cursor.take(log.subarray(at, at + size)))
  return { frames, offset: cursor.offset }
}

describe("a reader's place in a log", () => {
  it("gives the same frames wherever the bytes are cut", () => {
    const whole = taken(log.length)
    assert.strictEqual(whole.frames.length, 5)
    for (let size = 1; size < log.length; size++) {
      const { frames, offset } = taken(size)
      assert.strictEqual(offset, log.length)
      assert.isTrue(Buffer.concat(frames.map(({ bytes }) => bytes)).equals(Buffer.concat(whole.frames.map(({ bytes }) => bytes))), `cut at ${size}`)
    }
  })

  it("refuses what is no frame, also when the first byte tells it and the last makes it", () => {
    const cursor = new LogCursor()
    cursor.begin(1)
    cursor.take(new Uint8Array(31).fill(9))
    assert.throws(() => cursor.take(new Uint8Array(1)), LogBroken)
  })

  it("refuses a frame that comes twice", () => {
    const cursor = new LogCursor()
    cursor.begin(1)
    cursor.take(log.subarray(0, 80))
    cursor.resume()
    assert.throws(() => cursor.take(log.subarray(0, 72)), LogBroken)
  })
})
