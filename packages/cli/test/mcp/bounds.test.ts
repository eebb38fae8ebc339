import { assert, describe, it } from "@effect/vitest"
import { head, mostBytes, Tail, tail, Window } from "../../src/mcp/bounds.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)

describe("what an assistant is told", () => {
  it("is all of a short text", () => {
    assert.deepStrictEqual(tail(utf8("añb"), 4), { text: "añb", bytes: 4, totalBytes: 4, truncated: false })
    assert.deepStrictEqual(head(utf8("añb"), 4), { text: "añb", bytes: 4, totalBytes: 4, truncated: false })
  })

  it("cuts no letter in two, at neither end", () => {
    assert.deepStrictEqual(tail(utf8("añb"), 2), { text: "b", bytes: 1, totalBytes: 4, truncated: true })
    assert.deepStrictEqual(head(utf8("añb"), 2), { text: "a", bytes: 1, totalBytes: 4, truncated: true })
    assert.deepStrictEqual(head(utf8("😀😀"), 7).text, "😀")
  })

  it("is the end of a long stream, whatever its chunks", () => {
    const all = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`)
    const inChunks = new Tail(50)
    for (const line of all) inChunks.add(utf8(line))
    const atOnce = new Tail(50)
    atOnce.add(utf8(all.join("")))
    assert.deepStrictEqual(inChunks.bounded(), atOnce.bounded())
    assert.isTrue(inChunks.bounded().truncated)
    assert.isTrue(inChunks.bounded().text.endsWith("line 998\nline 999\n"))
    assert.strictEqual(inChunks.bounded().totalBytes, all.join("").length)
  })

  it("is no longer than it may be where bytes are no text, at either end, and they are counted as they are", () => {
    const noText = new Uint8Array(2 * mostBytes).fill(0x80)
    for (const { bytes, text, truncated } of [head(noText, mostBytes), tail(noText, mostBytes)]) {
      assert.deepStrictEqual([bytes, text.length, truncated], [Math.floor(mostBytes / 3), Math.floor(mostBytes / 3), true])
    }
    assert.deepStrictEqual(head(Uint8Array.of(0x61, 0xff, 0x62, 0x63), 3), { text: "a", bytes: 1, totalBytes: 4, truncated: true })
  })
})

describe("a log that is read on", () => {
  const inChunks = (from: number, most: number, all: Uint8Array, size: number) => {
    const window = new Window(from, most)
    for (let at = 0; at < all.length; at += size) window.add(all.subarray(at, at + size))
    return window.bounded()
  }

  it("has no letter cut in two, wherever its chunks end", () => {
    for (const size of [1, 2, 3, 100]) {
      const read = { text: "line 0 ", bytes: 7, totalBytes: 16, truncated: true }
      assert.deepStrictEqual(inChunks(0, 8, utf8("line 0 ä\nline 1"), size), read)
      assert.strictEqual(inChunks(7, 4, utf8("line 0 ä\nline 1"), size).text, "ä\nl")
    }
  })

  it.each([1, 2, 3, 4, 5, 7, 11, 64])("is all of it, piece by piece of %i bytes", (most) => {
    const all = Buffer.concat([utf8("a😀ä€\n"), Buffer.from([0xff, 0xf0, 0x90, 0xff, 0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc3]), utf8("ö end"), Buffer.from([0xe2, 0x82])])
    const pieces: Array<string> = []
    let [at, goesOn] = [0, true]
    while (goesOn) {
      const { bytes, text, truncated } = inChunks(at, most, all, 5)
      assert.isAbove(bytes, 0)
      pieces.push(text)
      at += bytes
      goesOn = truncated
    }
    assert.strictEqual(at, all.length)
    const letters = (text: string) => text.replaceAll("\ufffd", "")
    assert.strictEqual(letters(pieces.join("")), letters(new TextDecoder().decode(all)))
  })
})
