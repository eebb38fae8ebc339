/** A grid that nobody needs: it stops itself whole, and whoever comes gets a grid that works, at any moment of that. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { scripts, TestGrid, waitUntil } from "./harness.ts"

let grid: TestGrid
beforeEach(() => {
  grid = new TestGrid({ RGRID_SANDBOX: "process" })
})
afterEach(() => grid.down())

/** Its server has decided to end: from then on it refuses. */
const decided = () => {
  const log = join(grid.directory, "logs/server.log")
  return existsSync(log) ? readFileSync(log, "utf8").split("Nobody needs this grid").length - 1 : 0
}

const parts = () => grid.pids(/keeper\.sh|server|runner|postgres/)

describe("an idle grid", () => {
  it("stops itself and leaves nothing running, and the next command starts it again with what it knew", async () => {
    const place = grid.workplace(join(scripts, "numbered.py"))
    expect(await grid.json(["up", "--sandbox", "process", "--idle", "2s"])).toMatchObject({ started: true, idleSeconds: 2 })
    const first = await grid.run(["run", "--detach", "numbered.py", "a", "4"], { cwd: place })
    const id = first.stdout.toString().trim()
    // It outlasts the idle time by what it runs, not by being asked about.
    await waitUntil("the grid has gone", () => parts().length === 0 || undefined)
    expect(existsSync(join(grid.directory, "keeper.pid"))).toBe(false)
    expect(await grid.json(["status", id])).toMatchObject({ id, state: "completed", attempt: 1 })
    expect(await grid.json(["up"])).toMatchObject({ started: false, idleSeconds: 2 })
  })

  it("works for a command that comes while it stops", async () => {
    const place = grid.workplace(join(scripts, "numbered.py"))
    expect((await grid.run(["up", "--sandbox", "process", "--idle", "1s"])).code).toBe(0)
    for (let round = 1; round <= 3; round++) {
      await waitUntil("the grid has decided to end", () => decided() >= round || undefined)
      const name = `r${round}`
      const { code, stderr, stdout } = await grid.run(["run", "numbered.py", name, "0"], { cwd: place })
      expect(code, stderr).toBe(0)
      expect(stdout.toString()).toBe(`begin ${name}\nend ${name}\n`)
    }
  })

  it("stays when it was told never to stop", async () => {
    expect((await grid.json(["up", "--sandbox", "process", "--idle", "never"])).idleSeconds).toBe(null)
    const asked = await grid.run(["up", "--idle", "1h"])
    expect(asked.stderr).toContain("rgrid down, then rgrid up --idle 1h")
    await grid.run(["down"])
    expect((await grid.json(["up", "--idle", "1h"])).idleSeconds).toBe(3600)
  })
})
