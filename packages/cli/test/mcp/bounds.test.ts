import { assert, describe, it } from "@effect/vitest"
import { head, Tail, tail } from "../../src/mcp/bounds.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)

describe("what an assistant is told", () => {
  it("is all of a short text", () => {
    assert.deepStrictEqual(tail(utf8("añb"), 4), { text: "añb", totalBytes: 4, truncated: false })
    assert.deepStrictEqual(head(utf8("añb"), 4), { text: "añb", totalBytes: 4, truncated: false })
  })

  it("cuts no letter in two, at neither end", () => {
    assert.deepStrictEqual(tail(utf8("añb"), 2), { text: "b", totalBytes: 4, truncated: true })
    assert.deepStrictEqual(head(utf8("añb"), 2), { text: "a", totalBytes: 4, truncated: true })
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
})
