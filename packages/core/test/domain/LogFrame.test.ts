import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { decode, encode, headerBytes, type LogFrame } from "rgrid/domain/LogFrame"
import { LogCursor } from "rgrid/client/LogCursor"

const Chunk = Schema.Struct({
  stream: Schema.Literals(["stdout", "stderr"]),
  bytes: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(200)
  )
})

const framesOf = (chunks: ReadonlyArray<typeof Chunk.Type>): ReadonlyArray<LogFrame> => {
  const offsets = { stdout: 0, stderr: 0 }
  return chunks.map(({ bytes, stream }, seq) => {
    const frame = { stream, seq, time: 1_700_000_000_000_000 + seq, offset: offsets[stream], bytes: Uint8Array.from(bytes) }
    offsets[stream] += bytes.length
    return frame
  })
}

const inputs = {
  chunks: Schema.Array(Chunk).check(Schema.isMaxLength(20)),
  sizes: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 97 }))).check(Schema.isMinLength(1))
}

const cut = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

describe("framed logs", () => {
  it.prop("give back the frames that went in, wherever the bytes are cut", inputs, ({ chunks, sizes }) => {
    const frames = framesOf(chunks)
    const cursor = new LogCursor()
    const back = cut(Buffer.concat(frames.map(encode)), sizes).flatMap((piece) => cursor.take(piece))
    assert.deepStrictEqual(
      back.map((frame) => ({ ...frame, bytes: [...frame.bytes] })),
      frames.map((frame) => ({ ...frame, bytes: [...frame.bytes] }))
    )
  })

  it.prop("lose and repeat nothing over any cut connection", inputs, ({ chunks, sizes }) => {
    const log = Buffer.concat(framesOf(chunks).map(encode))
    const cursor = new LogCursor()
    const seen: Array<number> = []
    for (const size of [...sizes, log.length]) {
      cursor.resume()
      for (const frame of cursor.take(log.subarray(cursor.offset, cursor.offset + size))) seen.push(frame.seq)
    }
    assert.deepStrictEqual(seen, chunks.map((_, seq) => seq))
  })

  it("tell a torn header from garbage", () => {
    const frame = encode({ stream: "stdout", seq: 0, time: 0, offset: 0, bytes: Uint8Array.of(1, 2) })
    assert.deepInclude(decode(frame.subarray(0, headerBytes - 1)), { consumed: 0, malformed: false })
    assert.deepInclude(decode(Buffer.alloc(headerBytes)), { malformed: true })
  })

  it("refuse a log in which a frame is missing", () => {
    const frames = framesOf([0, 1, 2].map(() => ({ stream: "stdout" as const, bytes: [1] })))
    const cursor = new LogCursor()
    assert.throws(() => cursor.take(Buffer.concat([encode(frames[0]!), encode(frames[2]!)])), /came instead of/)
  })
})
