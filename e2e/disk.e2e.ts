/** A full disk ends in one clear message, and the grid goes on once there is room again. */
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { scripts, TestGrid } from "./harness.ts"

// Only root may mount a disk small enough to fill.
const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)("a disk that is full", () => {
  let grid: TestGrid
  let disk: string
  const mount = (mebibytes: number) =>
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=711`, "tmpfs", disk])

  beforeEach(() => {
    grid = new TestGrid()
    disk = join(grid.home, "disk")
    mkdirSync(disk)
  })
  afterEach(async () => {
    await grid.run(["down"], { env: { RGRID_HOME: join(disk, "grid") } })
    execFileSync("umount", ["-l", disk])
    await grid.down()
  })

  it("keeps the grid from starting, and says so", async () => {
    mount(20)
    const got = await grid.run(["up", "--sandbox", "process"], { env: { RGRID_HOME: join(disk, "grid") } })
    expect(got.code).toBe(125)
    expect(got.stderr).toContain("the disk is full")
    expect(got.stderr).not.toMatch(/\n\s+at /)
  })

  it("ends the execution that filled it, and no other", async () => {
    mount(150)
    const env = { RGRID_HOME: join(disk, "grid") }
    expect((await grid.run(["up", "--sandbox", "process"], { env })).code).toBe(0)
    const cwd = grid.workplace(join(scripts, "numbered.py"))
    writeFileSync(join(cwd, "fill.py"), "with open('big', 'wb') as f:\n  for _ in range(200): f.write(b'x' * 1000000)\n")
    const filled = await grid.run(["run", "fill.py"], { cwd, env })
    expect(filled.code).toBe(125)
    expect(filled.stderr).toContain("disk of the grid is full")
    const after = await grid.run(["run", "numbered.py", "after", "0"], { cwd, env })
    expect(after.code, after.stderr).toBe(0)
    expect(after.stdout.toString()).toBe("begin after\nend after\n")
  })
})
