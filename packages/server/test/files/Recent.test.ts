import { assert, describe, it } from "@effect/vitest"
import { Recent } from "../../src/adapters/files/Recent.ts"

const mebibyte = 1024 * 1024

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

describe("the end of a log in memory", () => {
  it("gives what it has whole, over several appends, and nothing else", () => {
    const recent = new Recent()
    recent.add(100, filled(10, 1))
    recent.add(110, filled(10, 2))
    assert.deepStrictEqual([...recent.read(108, 112)!], [1, 1, 2, 2])
    assert.deepStrictEqual([...recent.read(115, 120)!], [2, 2, 2, 2, 2])
    assert.isNull(recent.read(99, 105))
    assert.isNull(recent.read(115, 121))
    assert.isNull(recent.read(120, 120))
  })

  it("begins anew when something between was not seen", () => {
    const recent = new Recent()
    recent.add(0, filled(10, 1))
    recent.add(20, filled(10, 2))
    assert.isNull(recent.read(0, 10))
    assert.deepStrictEqual([...recent.read(20, 22)!], [2, 2])
  })

  it("keeps no more than a reader can be behind", () => {
    const recent = new Recent()
    for (let at = 0; at < 8; at++) recent.add(at * mebibyte, filled(mebibyte, at))
    assert.isNull(recent.read(5 * mebibyte, 6 * mebibyte))
    assert.strictEqual(recent.read(6 * mebibyte, 8 * mebibyte)?.length, 2 * mebibyte)
    recent.forget()
    assert.isNull(recent.read(7 * mebibyte, 8 * mebibyte))
  })
})
