import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { decode, maxPayloadBytes } from "rgrid/domain/LogFrame"
import { make } from "../../src/attempt/framing.ts"
import { maskable } from "../../src/attempt/masking.ts"
import { wholeFrames } from "../../src/attempt/Spool.ts"

const chunk = (text: string | Uint8Array, stream: "stdout" | "stderr" = "stdout") => ({
  stream,
  bytes: typeof text === "string" ? Buffer.from(text) : text
})

const Piece = Schema.Struct({
  stream: Schema.Literals(["stdout", "stderr"]),
  size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200_000 })),
  flush: Schema.Boolean
})

describe("framing", () => {
  it("joins neighbours of one stream until they are flushed", () => {
    const framer = make([])
    assert.strictEqual(framer.push(chunk("a"), 1).length, 0)
    assert.strictEqual(framer.push(chunk("b"), 2).length, 0)
    const [frame] = decode(Buffer.concat(framer.flush())).frames
    assert.deepStrictEqual(
      { ...frame, bytes: Buffer.from(frame!.bytes).toString() },
      { stream: "stdout", seq: 0, time: 1, offset: 0, bytes: "ab" }
    )
    assert.strictEqual(framer.flush().length, 0)
  })

  it("keeps the order in which the streams came", () => {
    const framer = make([])
    const frames = [
      ...framer.push(chunk("out"), 1),
      ...framer.push(chunk("err", "stderr"), 2),
      ...framer.push(chunk("more"), 3),
      ...framer.end(4)
    ]
    assert.deepStrictEqual(
      decode(Buffer.concat(frames)).frames.map(({ bytes, offset, seq, stream }) => [
        seq,
        stream,
        offset,
        Buffer.from(bytes).toString()
      ]),
      [[0, "stdout", 0, "out"], [1, "stderr", 0, "err"], [2, "stdout", 3, "more"]]
    )
  })

  it("counts offsets after masking", () => {
    const framer = make(maskable(["12345678"]))
    const frames = [
      ...framer.push(chunk("a 1234"), 1),
      ...framer.push(chunk("5678 b"), 2),
      ...framer.flush(),
      ...framer.push(chunk("c"), 3),
      ...framer.end(4)
    ]
    assert.deepStrictEqual(
      decode(Buffer.concat(frames)).frames.map(({ bytes, offset }) => [offset, Buffer.from(bytes).toString()]),
      [[0, "a *** b"], [7, "c"]]
    )
    assert.deepStrictEqual(framer.sizes(), { stdout: 8, stderr: 0 })
  })

  it("keeps the end of stderr as it is told, not as it was written", () => {
    const framer = make([Buffer.from("correct-horse")])
    for (const piece of ["no correct-", "horse\n"]) framer.push(chunk(Buffer.from(piece), "stderr"), 1)
    framer.push(chunk(Buffer.from("aside"), "stdout"), 1)
    framer.push(chunk(Buffer.from("last corr"), "stderr"), 1)
    framer.end(1)
    assert.strictEqual(framer.stderrTail(), "no ***\nlast corr")
  })

  it.prop("loses and repeats nothing", { pieces: Schema.Array(Piece) }, ({ pieces }) => {
    const framer = make([])
    const given = { stdout: [] as Array<Buffer>, stderr: [] as Array<Buffer> }
    const log = pieces.flatMap(({ flush, size, stream }, index) => {
      const bytes = Buffer.alloc(size, index)
      given[stream].push(bytes)
      return [...framer.push(chunk(bytes, stream), index), ...(flush ? framer.flush() : [])]
    })
    const { frames, malformed } = decode(Buffer.concat([...log, ...framer.end(0)]))
    assert.isFalse(malformed)
    assert.deepStrictEqual(frames.map(({ seq }) => seq), frames.map((_, index) => index))
    for (const stream of ["stdout", "stderr"] as const) {
      let offset = 0
      for (const frame of frames.filter((frame) => frame.stream === stream)) {
        assert.strictEqual(frame.offset, offset)
        assert.isAtMost(frame.bytes.length, maxPayloadBytes)
        offset += frame.bytes.length
      }
      const taken = Buffer.concat(frames.filter((frame) => frame.stream === stream).map(({ bytes }) => bytes))
      assert.isTrue(taken.equals(Buffer.concat(given[stream])))
    }
  }, { arbitrary: { runs: 30 } })
})

describe("whole frames", () => {
  it("are cut before the first that is not all there", () => {
    const framer = make([])
    const frames = ["abc", "d"].flatMap((text) => [...framer.push(chunk(text), 1), ...framer.flush()])
    const bytes = Buffer.concat(frames)
    for (let size = 0; size <= bytes.length; size++) {
      assert.strictEqual(wholeFrames(bytes.subarray(0, size)).length, size < 35 ? 0 : size < 68 ? 35 : 68)
    }
  })
})
