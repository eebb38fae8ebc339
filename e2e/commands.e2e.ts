/** Every command on one execution, as people and as programs read it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { scripts, TestGrid } from "./harness.ts"

let grid: TestGrid
let place: string
let id: string

const text = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stderr, stdout } = await grid.run(args, { cwd: place })
  expect(code, stderr).toBe(0)
  return stdout.toString()
}

beforeAll(async () => {
  grid = new TestGrid()
  await grid.up("process")
  place = grid.workplace(join(scripts, "numbered.py"), join(scripts, "exit3.py"))
  id = (await text("run", "--detach", "--metadata", "team=blue", "numbered.py", "x", "0")).trim()
  await text("logs", "--follow", id)
})
afterAll(() => grid.down())

describe("the commands", () => {
  it("tell where one execution stands", async () => {
    const status = await text("status", id)
    for (const field of ["Execution", "Script", "Runtime", "Status", "Created", "Started", "Completed", "Exit Code"]) {
      expect(status).toContain(field)
    }
    expect(status).toMatch(/completed/)
    expect(status).toMatch(/1 file /)
    expect(await grid.json(["status", id])).toMatchObject({ id, state: "completed", exitCode: 0, metadata: { team: "blue" } })
  })

  it("take the beginning of an id, and say which one was meant by a misspelt one", async () => {
    const short = id.slice("exec_".length, -6)
    expect(await grid.json(["status", short])).toMatchObject({ id })
    expect(await grid.json(["status", `exec_${short.toUpperCase()}`])).toMatchObject({ id })
    expect(await text("logs", "--follow", short)).toBe("begin x\nend x\n")
    const typo = id.slice(0, -1) + (id.endsWith("0") ? "1" : "0")
    const unknown = await grid.run(["status", typo])
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining(`Did you mean ${id}?`)])
  })

  it("ask for more of an id that several have", async () => {
    const second = (await text("run", "--detach", "numbered.py", "y", "0")).trim()
    await text("logs", "--follow", second)
    const both = await grid.run(["status", "exec_0"])
    expect(both.code).toBe(2)
    for (const named of [id, second]) expect(both.stderr).toContain(named)
    expect(await grid.json(["cancel", id, second])).toMatchObject([{ id }, { id: second }])
    await text("delete", "--yes", second)
    expect((await grid.run(["status", second])).code).toBe(2)
  })

  it("list the newest first, and only what is asked for", async () => {
    const failed = await grid.run(["run", "exit3.py"], { cwd: place })
    expect(failed.code).toBe(3)
    const all = await grid.json(["list"])
    expect(all.map(({ state }: { state: string }) => state)).toEqual(["failed", "completed"])
    expect(await grid.json(["list", "--status", "completed"])).toMatchObject([{ id }])
    expect(await grid.json(["list", "--script", "exit3.py", "--limit", "1"])).toMatchObject([{ exitCode: 3 }])
    expect(await grid.json(["list", "--metadata", "team=blue"])).toMatchObject([{ id }])
    expect(await grid.json(["list", "--metadata", "team=blue", "--metadata", "size=1"])).toEqual([])
    expect((await grid.run(["list", "--metadata", "team"])).code).toBe(2)
    expect(await text("list")).toMatch(/^ID\s+SCRIPT\s+STATUS\s+STARTED\s+DURATION\s+COST/)
  })

  it("show all of the output, its end, or its times", async () => {
    expect(await text("logs", id)).toBe("begin x\nend x\n")
    expect(await text("logs", "--tail", "1", id)).toBe("end x\n")
    expect(await text("logs", "--timestamps", id)).toMatch(/^\[\d+:\d\d[^\]]*\] begin x\n/)
    expect(await text("logs", "--stderr", id)).toBe("")
  })

  it("fetch what a script made to where it is wanted", async () => {
    expect(await text("outputs", id)).toContain("x.txt")
    const target = join(grid.home, "fetched")
    await text("download", id, target)
    expect(readFileSync(join(target, "x.txt"), "utf8")).toBe("result x\n")
  })

  it("leave outputs on the grid, or write them elsewhere, when told so", async () => {
    const left = await grid.run(["run", "--remote-only", "numbered.py", "left", "0"], { cwd: place })
    expect(left.code, left.stderr).toBe(0)
    expect(existsSync(join(place, "left.txt"))).toBe(false)
    await text("run", "--output-dir", "elsewhere", "numbered.py", "moved", "0")
    expect(existsSync(join(place, "moved.txt"))).toBe(false)
    expect(readFileSync(join(place, "elsewhere/moved.txt"), "utf8")).toBe("result moved\n")
  })

  it("mask secrets in the log and hand them to the script", async () => {
    const script = join(place, "secret.py")
    writeFileSync(script, "import os\nopen('seen','w').write(os.environ['TOKEN'])\nprint('it is', os.environ['TOKEN'])\n")
    expect(await text("run", "--secret", "TOKEN=correct-horse-battery", "secret.py")).toBe("it is ***\n")
    expect(readFileSync(join(place, "seen"), "utf8")).toBe("correct-horse-battery")
  })

  it("say JSON when asked, one document or one a line", async () => {
    const { stdout } = await grid.run(["run", "--json", "numbered.py", "j", "0"], { cwd: place })
    const events = stdout.toString().trim().split("\n").map((line) => JSON.parse(line))
    expect(events.length).toBeGreaterThan(2)
    expect(await grid.json(["outputs", id])).toBeTruthy()
  })
})
