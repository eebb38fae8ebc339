import { assert, describe, it } from "@effect/vitest"
import { GridRefused, NotWritten } from "../../src/client/errors.ts"
import { sentence } from "../../src/client/sentences.ts"

describe("what the grid refuses", () => {
  it("is to be tried again only where that may help", () => {
    const detail = "metadata is given as KEY=VALUE"
    assert.match(sentence(new GridRefused({ detail, passing: true })).fix, /^Retry later/)
    const { fix, why } = sentence(new GridRefused({ detail }))
    assert.strictEqual(why, `${detail}.`)
    assert.strictEqual(fix, "It would refuse the same again: change what it is asked for, or tell who runs it.")
  })
})

describe("what could not be written here", () => {
  it("is to be fetched where it is a result, and else to be given room", () => {
    for (const reason of ["full", "readOnly", "denied", "other"] as const) {
      const unwritten = new NotWritten({ path: "/tmp", reason, detail: "ENOSPC" })
      assert.include(sentence(unwritten.of("exec_1")).fix, "rgrid download exec_1")
      assert.strictEqual(sentence(unwritten).fix, "Make room there, or name another place in TMPDIR.")
      assert.strictEqual(sentence(unwritten).why, sentence(unwritten.of("exec_1")).why)
    }
  })
})
