import { assert, describe, it } from "@effect/vitest"
import type { Output } from "rgrid/client/readLog"
import { LastLines, Timestamped } from "../src/output/logLines.ts"

const output = (stream: Output["stream"], text: string, second = 0): Output => ({
  _tag: "Output",
  stream,
  bytes: new TextEncoder().encode(text),
  time: second * 1_000_000
})

const texts = (outputs: ReadonlyArray<Output>) => outputs.map(({ bytes }) => new TextDecoder().decode(bytes))

describe("the last lines", () => {
  const last = (lines: number, ...outputs: ReadonlyArray<Output>) => {
    const kept = new LastLines(lines)
    for (const one of outputs) kept.add(one)
    return texts(kept.all()).join("")
  }
  it("are whole, of both streams, in their order", () => {
    assert.strictEqual(last(2, output("stdout", "a\nb\n"), output("stderr", "c\n")), "b\nc\n")
    assert.strictEqual(last(1, output("stdout", "a\nhalf "), output("stdout", "of it\n")), "half of it\n")
    assert.strictEqual(last(1, output("stdout", "a\nb")), "b")
    assert.strictEqual(last(0, output("stdout", "a\nb")), "")
    assert.strictEqual(last(9, output("stdout", "a\nb")), "a\nb")
  })
  it("stay the same when what is dropped was much", () => {
    const many = Array.from({ length: 5000 }, (_, i) => output("stdout", `${i}\n`))
    assert.strictEqual(last(3, ...many), "4997\n4998\n4999\n")
  })
})

describe("timestamps", () => {
  it("stand before whole lines, with the time of their first byte", () => {
    const lines = new Timestamped(0)
    assert.deepStrictEqual(texts(lines.take(output("stdout", "one\ntw", 5))), ["[00:05] one\n"])
    assert.deepStrictEqual(texts(lines.take(output("stderr", "err\n", 6))), ["[00:06] err\n"])
    assert.deepStrictEqual(texts(lines.take(output("stdout", "o\n", 9))), ["[00:05] two\n"])
    assert.deepStrictEqual(texts(lines.take(output("stdout", "open", 10))), [])
    assert.deepStrictEqual(texts(lines.rest()), ["[00:10] open"])
  })
})
