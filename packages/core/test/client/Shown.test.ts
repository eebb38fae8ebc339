import { assert, describe, it } from "@effect/vitest"
import { Shown } from "rgrid/client/Shown"

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (shown: Uint8Array) => new TextDecoder().decode(shown)

describe("the output of a new attempt", () => {
  it("is not shown again where it repeats the old one's", () => {
    const shown = new Shown()
    assert.strictEqual(text(shown.fresh("stdout", 0, bytes("one\ntwo\n"))), "one\ntwo\n")
    assert.strictEqual(text(shown.fresh("stdout", 0, bytes("one\n"))), "")
    assert.strictEqual(text(shown.fresh("stdout", 4, bytes("two\nthree\n"))), "three\n")
  })

  it("is shown from the first byte that differs", () => {
    const shown = new Shown()
    shown.fresh("stdout", 0, bytes("time 10:00\nend\n"))
    assert.strictEqual(text(shown.fresh("stdout", 0, bytes("time 10:07\n"))), "7\n")
    assert.strictEqual(text(shown.fresh("stdout", 11, bytes("end\n"))), "end\n")
  })

  it("is compared within its own stream", () => {
    const shown = new Shown()
    shown.fresh("stdout", 0, bytes("same"))
    assert.strictEqual(text(shown.fresh("stderr", 0, bytes("same"))), "same")
  })
})
