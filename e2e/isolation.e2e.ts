/** What the items of a batch see of each other: nothing, whether they share a slot or not. */
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { scripts, TestGrid, waitUntil } from "./harness.ts"

interface Seen {
  readonly seen: ReadonlyArray<string>
  /** When its first process began, and the number of its root: together they tell slots apart. */
  readonly slot: string
}

describe.skipIf(!hasDocker)("the items of a batch", () => {
  const grid = new TestGrid()
  beforeAll(() => grid.up("docker"))
  afterAll(() => grid.down())

  const members = async (batch: string) =>
    (await grid.json(["list", "--batch", batch, "--limit", "100"])) as ReadonlyArray<{ id: string; state: string }>

  const tracesOf = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<Seen>> => {
    const place = grid.workplace(join(scripts, "traces.py"))
    const { code, stderr } = await grid.run(
      ["run", "traces.py", "--batch", "{1..20}", "--fail-on", "any", "--parallel", "2", ...words],
      { cwd: place }
    )
    expect(code, stderr).toBe(0)
    const [id = ""] = /batch_[0-9a-z]{26}/.exec(stderr) ?? []
    return Promise.all((await members(id)).map(async (member) => {
      const { stdout } = await grid.run(["logs", member.id])
      return JSON.parse(stdout.toString().split("\n")[0] ?? "") as Seen
    }))
  }

  it("each have a slot of their own", async () => {
    const traces = await tracesOf()
    expect(traces.flatMap(({ seen }) => seen)).toEqual([])
    expect(new Set(traces.map(({ slot }) => slot)).size).toBe(20)
  })

  it("share slots with --isolation batch, and see nothing of each other all the same", async () => {
    const traces = await tracesOf("--isolation", "batch")
    expect(traces.flatMap(({ seen }) => seen)).toEqual([])
    expect(new Set(traces.map(({ slot }) => slot)).size).toBeLessThan(10)
  })

  it("each end once where the runner of a shared slot is killed", async () => {
    const place = grid.workplace(join(scripts, "numbered.py"))
    copyFileSync(join(scripts, "numbered.py"), join(place, "n.py"))
    const words = ["n.py", "{}", "0.5", "--isolation", "batch", "--parallel", "2", "--detach", "--json", "--batch", "n{1..30}"]
    const { stderr, stdout } = await grid.run(["run", ...words], { cwd: place })
    const [id = ""] = /batch_[0-9a-z]{26}/.exec(stdout.toString() + stderr) ?? []
    const ended = async (count: number) =>
      (await members(id)).filter(({ state }) => state === "completed").length >= count ? true : undefined
    await waitUntil("some have ended", () => ended(4))
    process.kill(grid.runner(), "SIGKILL")
    await waitUntil("all have completed", () => ended(30), 120)
    const { code } = await grid.run(["download", id, "back"], { cwd: place })
    expect(code).toBe(0)
  })
})
