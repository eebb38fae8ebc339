import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { batchPrefix, ExecutionId, executionId, executionIds, executionPrefix } from "rgrid/domain/Id"

const isId = Schema.is(ExecutionId)

describe("ids", () => {
  it("sort by their time", () => {
    assert.isBelow(executionId(1_000).localeCompare(executionId(2_000)), 0)
  })

  it("of one time sort in the order they were made, each once", () => {
    const next = executionIds(1_700_000_000_000)
    const ids = Array.from({ length: 40_000 }, next)
    assert.deepStrictEqual([...new Set(ids)].sort(), ids)
    assert.isTrue(ids.every((id) => isId(id)))
    assert.isBelow(ids.at(-1)!.localeCompare(executionId(1_700_000_000_001)), 0)
  })

  it("may be typed in part; a batch's tells that it is one", () => {
    assert.strictEqual(executionPrefix("01K"), "exec_01k")
    assert.strictEqual(executionPrefix("batch_01k"), null)
    assert.strictEqual(batchPrefix("BATCH_01k"), "batch_01k")
    assert.strictEqual(batchPrefix("01k"), null)
    assert.strictEqual(batchPrefix("batch_"), null)
  })
})
