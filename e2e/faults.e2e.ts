/** Parts of the grid die by `kill -9` in the middle of work; everything ends once, by itself. */
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { scripts, TestGrid, waitUntil } from "./harness.ts"

const final = new Set(["completed", "failed", "timed_out", "canceled"])

describe("a grid whose parts are killed", () => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up(hasDocker ? "docker" : "process")
  })
  afterAll(() => grid.down())

  it("ends all of 50 executions once, with one set of outputs each", async () => {
    const place = grid.workplace(join(scripts, "numbered.py"))
    const ids: Array<string> = []
    for (let number = 0; number < 50; number += 10) {
      const batch = Array.from({ length: 10 }, (_, i) =>
        grid.run(["run", "--detach", "numbered.py", `n${number + i}`, "0.5"], { cwd: place }))
      for (const started of await Promise.all(batch)) {
        expect(started.code, started.stderr).toBe(0)
        ids.push(started.stdout.toString().trim())
      }
    }
    const ended = async () => {
      const found = (await grid.json(["list", "--limit", "100"])) as ReadonlyArray<{ id: string; state: string }>
      return found.filter(({ state }) => final.has(state)).length
    }
    const until = (count: number) =>
      waitUntil(`${count} have ended`, async () => ((await ended()) >= count ? true : undefined), 180)
    await until(5)
    process.kill(grid.runner(), "SIGKILL")
    await until(12)
    process.kill(grid.server(), "SIGKILL")
    await until(20)
    process.kill(grid.postmaster(), "SIGKILL")
    await until(50)
    for (const [number, id] of ids.entries()) {
      const execution = await grid.json(["status", id])
      expect(execution).toMatchObject({ state: "completed", exitCode: 0, outputs: { files: 1 } })
      const target = join(place, `back-${number}`)
      await grid.run(["download", id, target])
      expect(readdirSync(target)).toEqual([`n${number}.txt`])
      expect(readFileSync(join(target, `n${number}.txt`), "utf8")).toBe(`result n${number}\n`)
    }
  }, 400_000)
})
