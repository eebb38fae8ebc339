import { assert, describe, it } from "@effect/vitest"
import { GridRefused } from "../../src/client/errors.ts"
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
