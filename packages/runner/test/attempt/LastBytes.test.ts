import { assert, describe, it } from "@effect/vitest"
import { LastBytes } from "../../src/attempt/LastBytes.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe("the last bytes", () => {
  it("are all, while there are not more", () => {
    const last = new LastBytes(4)
    assert.strictEqual(last.text(), "")
    last.add(bytes("ab"))
    last.add(bytes("c"))
    assert.strictEqual(last.text(), "abc")
  })

  it("are the end of many small pieces and of one large", () => {
    const last = new LastBytes(4)
    for (const letter of "abcdefghijklmnopqrstuvwxyz") last.add(bytes(letter))
    assert.strictEqual(last.text(), "wxyz")
    last.add(bytes("0123456789"))
    assert.strictEqual(last.text(), "6789")
    last.add(bytes("!"))
    assert.strictEqual(last.text(), "789!")
  })

  it("do not change with the memory they came in", () => {
    const last = new LastBytes(4)
    const piece = bytes("ab")
    last.add(piece)
    piece.fill(0)
    assert.strictEqual(last.text(), "ab")
  })
})
