/** A batch watched at a terminal on a real grid: by its keys, then from elsewhere. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TestGrid } from "./harness.ts"

/** The first fails, the others wait for longer than any test. */
const script = `import sys, time
item = int(sys.argv[1])
if item == 1:
    sys.exit("broken")
print("item", item, "waits", flush=True)
time.sleep(600)
`

describe("a batch watched at a terminal", () => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up("process")
  })
  afterAll(() => grid.down())

  it("is looked into, retried, left, come back to and canceled", async () => {
    const cwd = grid.workplace()
    writeFileSync(join(cwd, "wait.py"), script)
    const env = { NO_COLOR: "1" }
    const left = await grid.atTerminal(["run", "wait.py", "--batch", "{1..5}", "--parallel", "2", "--watch"], [
      ["✗ 1: broken", "r"],
      ["Retry started: batch_", "l"],
      ["Number or id of an item", "2\r"],
      ["item 2 waits", "b"],
      ["(1 failed, 2 running, 2 queued)", "q"]
    ], { cwd, env })
    const text = left.stdout.toString()
    expect(left.code, text).toBe(0)
    expect(text).toContain("Detached. The batch goes on")
    const [first] = /batch_\w{26}/.exec(text) ?? []
    const [, retried] = /Retry started: (batch_\w{26}) \(1 item\)/.exec(text) ?? []
    expect(await grid.json(["status", retried!])).toMatchObject({ retryOf: first, total: 1 })

    const canceled = await grid.atTerminal(["status", first!, "--watch"], [
      ["(1 failed, 2 running, 2 queued)", "c"],
      ["Cancel all 4 that have not ended?", "y"]
    ], { cwd, env })
    expect(canceled.stdout.toString()).toContain("0/5 complete (1 failed, 4 canceled)")
    expect(await grid.json(["status", first!])).toMatchObject({ halted: "canceled", counts: { failed: 1, canceled: 4 } })
  })
})
