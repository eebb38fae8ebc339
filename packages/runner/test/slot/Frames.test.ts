import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Frames from "../../src/slot/Frames.ts"

/** A frame as the init writes it. */
const frame = (type: string, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(5)
  header.write(type, 0, "latin1")
  header.writeUInt32LE(payload.length, 1)
  return Buffer.concat([header, payload])
}

const numbers = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4))
  return bytes
}

const exitPayload = (code: number, signal: number, reason: number, ...rest: ReadonlyArray<bigint>): Buffer => {
  const bytes = Buffer.alloc(41)
  bytes.writeInt32LE(code, 0)
  bytes.writeUInt32LE(signal, 4)
  bytes.writeUInt8(reason, 8)
  rest.forEach((value, i) => bytes.writeBigUInt64LE(value, 9 + 8 * i))
  return bytes
}

/** Joins neighbouring pieces of the same stream: where output is cut is nobody's business. */
const joined = (frames: ReadonlyArray<Frames.FromInit>): ReadonlyArray<unknown> => {
  const all: Array<unknown> = []
  let last: { stream: string; text: string } | undefined
  for (const item of frames) {
    if (item._tag !== "Output") {
      last = undefined
      all.push(item)
    } else if (last?.stream === item.stream) {
      last.text += Buffer.from(item.bytes).toString("latin1")
    } else {
      last = { stream: item.stream, text: Buffer.from(item.bytes).toString("latin1") }
      all.push(last)
    }
  }
  return all
}

const decode = (chunks: ReadonlyArray<Uint8Array>): ReadonlyArray<unknown> => {
  const decoder = new Frames.Decoder()
  return joined(chunks.flatMap((chunk) => decoder.push(chunk)))
}

const cut = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes.length === 0 ? 1 : sizes[i % sizes.length] ?? 1)
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

const conversation = Buffer.concat([
  frame("R", numbers(1, 262_144)),
  frame("B", numbers(42)),
  frame("O", Buffer.from("hello\0world\n".repeat(40))),
  frame("e", Buffer.from([0, 255, 10])),
  frame("O", Buffer.alloc(0)),
  frame("W", numbers(65_536)),
  frame("O", Buffer.from("end")),
  frame("X", exitPayload(-1, 9, 1, 4096n, 2n ** 64n - 1n, 2n ** 64n - 1n, 1234n))
])

describe("frames from the init", () => {
  it("say what was sent", () => {
    assert.deepStrictEqual(decode([conversation]), [
      { _tag: "Ready", version: 1, credit: 262_144 },
      { _tag: "Begun", pid: 42 },
      { stream: "stdout", text: "hello\0world\n".repeat(40) },
      { stream: "stderr", text: "\0\xff\n" },
      { _tag: "Credit", bytes: 65_536 },
      { stream: "stdout", text: "end" },
      {
        _tag: "Exit",
        code: null,
        signal: 9,
        reason: "deadline",
        maxRssBytes: 4096,
        peakMemoryBytes: null,
        oomKills: null,
        cpuMicros: 1234
      }
    ])
  })

  it.effect.prop(
    "are read the same wherever they are cut",
    { sizes: Schema.Array(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 200 })))) },
    ({ sizes }) =>
      Effect.sync(() => {
        assert.deepStrictEqual(decode(cut(conversation, sizes)), decode([conversation]))
      })
  )

  it("name the error of a failed start", () => {
    assert.deepStrictEqual(decode([frame("F", Buffer.concat([numbers(2), Buffer.from("exec")]))]), [
      { _tag: "Failure", code: "ENOENT", stage: "exec" }
    ])
  })

  it("pass output on without a copy", () => {
    const chunk = frame("O", Buffer.from("abc"))
    const [output] = new Frames.Decoder().push(chunk)
    assert.strictEqual(output?._tag === "Output" && output.bytes.buffer, chunk.buffer)
  })

  it("are refused when they are none of ours", () => {
    for (const [type, length] of [["?", 1], ["X", 40], ["F", 1_000_000]] as const) {
      const bad = frame(type, Buffer.alloc(length))
      assert.throws(() => new Frames.Decoder().push(bad), Frames.FrameError)
    }
  })
})

describe("frames to the init", () => {
  it("carry a start as its header comment describes it", () => {
    const bytes = Frames.start({ deadlineMillis: 1500, argv: ["a", "ü"], env: { K: "v=w" }, cwd: "/work" })
    const expected = Buffer.concat([
      Buffer.from([0xdc, 5, 0, 0, 0, 0, 0, 0]),
      numbers(2, 1),
      Buffer.from("a"),
      numbers(2),
      Buffer.from("ü"),
      numbers(1, 5),
      Buffer.from("K=v=w"),
      numbers(5),
      Buffer.from("/work")
    ])
    assert.deepStrictEqual(Buffer.from(bytes), frame("S", expected))
  })

  it("hold numbers in little endian", () => {
    assert.deepStrictEqual([...Frames.signal(9)], [0x4b, 4, 0, 0, 0, 9, 0, 0, 0])
    assert.deepStrictEqual([...Frames.deadline(256)], [0x44, 8, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    assert.deepStrictEqual([...Frames.deadline(Infinity)].slice(5), [255, 255, 255, 255, 255, 255, 31, 0])
  })
})
