import { assert, describe, it } from "@effect/vitest"
import { parseHalt } from "rgrid/client/batch/halt"

describe("--halt", () => {
  it("says when, on what, and how many or how much", () => {
    assert.deepStrictEqual(parseHalt("soon,fail=5%"), { when: "soon", on: "fail", amount: 5, unit: "percent" })
    assert.deepStrictEqual(parseHalt("now,fail=1"), { when: "now", on: "fail", amount: 1, unit: "items" })
    assert.deepStrictEqual(parseHalt(" now,success=1 "), { when: "now", on: "success", amount: 1, unit: "items" })
    assert.deepStrictEqual(parseHalt("soon,done=100%"), { when: "soon", on: "done", amount: 100, unit: "percent" })
  })
  for (const text of ["", "now", "fail=1", "now,fail", "now,fail=0", "now,fail=-1", "soon,fail=101%", "later,fail=1", "now,fails=1", "now,fail=1.5", "now, fail=1", `now,fail=${"9".repeat(20)}`]) {
    it(`${JSON.stringify(text.slice(0, 30))} is none`, () => assert.isNull(parseHalt(text)))
  }
})
