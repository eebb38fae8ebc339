import { assert, describe, it } from "@effect/vitest"
import { Frame } from "../src/output/batch/frame.ts"
import { bar, cutFront, drawn } from "../src/output/batch/line.ts"
import { LogTail } from "../src/output/batch/logTail.ts"
import { countWords, etaWords } from "../src/output/batch/progress.ts"
import { batch } from "./batches.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("lines", () => {
  it("keep the end of a path, letter by letter of whatever width", () => {
    assert.strictEqual(cutFront("images/2024/a.png", 8), "…4/a.png")
    assert.strictEqual(cutFront("数据数据", 5), "…数据")
    assert.strictEqual(cutFront("a.png", 5), "a.png")
  })
  it("are cut across colours", () => {
    const line = drawn(["ab", ["cdef", "red"], "gh"], 5, (style, text) => `<${style}:${text}>`)
    assert.strictEqual(line, "ab<red:cd…>")
    assert.strictEqual(drawn(["abcde", "f"], 5, (_, text) => text), "abcde")
  })
  it("have bars from empty to full", () => {
    assert.deepStrictEqual([0, 0.5, 0.99, 1, 7].map((share) => bar(share, 10)), [
      "[        ]",
      "[===>    ]",
      "[======> ]",
      "[========]",
      "[========]"
    ])
  })
})

describe("the words of a batch", () => {
  it("leave out what is none, and name what had been done before", () => {
    assert.strictEqual(countWords(batch({ counts: { completed: 3 } }))[0], "3/3 complete")
    const resumed = batch({ counts: { completed: 1, canceled: 2, leased: 1, held: 1 }, skipped: 995 })
    assert.strictEqual(countWords(resumed)[0], "1/5 complete (2 canceled, 1 running, 1 queued, 995 done before)")
  })
  it("give a range only where one time would be a promise", () => {
    assert.strictEqual(etaWords({ low: 190_000, likely: 197_000, high: 210_000 }), "3m 15s")
    assert.strictEqual(etaWords({ low: 60_000, likely: 150_000, high: 299_000 }), "1m to 5m")
    assert.strictEqual(etaWords({ low: 1000, likely: 3000, high: 9000 }), "3s")
    assert.strictEqual(etaWords({ low: 0, likely: 0, high: 0 }), "1s")
  })
})

describe("the end of a log", () => {
  it("is what a terminal would show of it", () => {
    const tail = new LogTail()
    tail.add(bytes("one\n\u001b[31mred\u001b[0m\ttwo\n 10%\r 20%\r"))
    assert.deepStrictEqual(tail.last(5), ["one", "red    two", " 20%"])
    tail.add(bytes(" 30%\nbell\u0007\n"))
    assert.deepStrictEqual(tail.last(2), [" 30%", "bell\\x07"])
  })
  it("puts letters together that came in pieces", () => {
    const tail = new LogTail()
    for (const byte of bytes("é\n")) tail.add(Uint8Array.of(byte))
    assert.deepStrictEqual(tail.last(1), ["é"])
  })
  it("keeps no more than a screen can show", () => {
    const tail = new LogTail()
    for (let i = 0; i < 2000; i++) tail.add(bytes(`${i}\n`))
    assert.strictEqual(tail.last(10_000).length, 500)
    tail.add(bytes("x".repeat(1_000_000)))
    assert.strictEqual(tail.last(1)[0]?.length, 4096)
  })
})

describe("the frame", () => {
  const size = { columns: 20, rows: 5 }
  it("draws over itself, also where the terminal wrapped it", () => {
    const frame = new Frame()
    assert.strictEqual(frame.draw(["one", "0123456789"], size), "\rone\u001b[K\n0123456789\u001b[K\u001b[J")
    assert.strictEqual(frame.draw(["two"], size), "\r\u001b[1Atwo\u001b[K\u001b[J")
    frame.draw(["one", "0123456789"], size)
    assert.strictEqual(frame.draw(["0"], { ...size, columns: 5 }), "\r\u001b[2A0\u001b[K\u001b[J")
  })
  it("reaches what a lower terminal had pushed out once it is back", () => {
    const frame = new Frame()
    frame.draw(["1", "2", "3", "4", "5"], size)
    frame.draw(["1", "2"], { ...size, rows: 3 })
    assert.strictEqual(frame.draw(["1"], size), "\r\u001b[3A1\u001b[K\u001b[J")
    assert.strictEqual(frame.draw(["1"], { ...size, rows: 9 }), "\r1\u001b[K\u001b[J")
  })
  it("can be taken away or left", () => {
    const frame = new Frame()
    assert.strictEqual(frame.clear(size) + frame.leave(), "")
    frame.draw(["a", "b"], size)
    assert.strictEqual(frame.clear(size), "\r\u001b[1A\u001b[J")
    frame.draw(["a"], size)
    assert.strictEqual(frame.leave() + frame.clear(size), "\n")
  })
})
