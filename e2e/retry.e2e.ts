/** `rgrid retry`: the same job as a new execution, with the files, variables and stdin it had. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TestGrid, waitUntil } from "./harness.ts"

const grid = new TestGrid()
const script = `import os, sys
print(os.environ["MODE"], os.environ["TOKEN"], open("in.txt").read(), sys.stdin.read())
open("out.txt", "w").write(os.environ["MODE"])
sys.exit(0 if os.environ["MODE"] == "right" else 4)
`
const token = "correct-horse-battery"

let place: string
let id: string

beforeAll(async () => {
  await grid.up("process")
  place = grid.workplace()
  writeFileSync(join(place, "script.py"), script)
  writeFileSync(join(place, "in.txt"), "first")
  const words = ["run", "--env", "MODE=wrong", "--secret", `TOKEN=${token}`, "script.py", "in.txt"]
  const failed = await grid.run(words, { cwd: place, stdin: "typed" })
  if (failed.code !== 4) throw new Error(failed.stderr)
  ;[{ id }] = await grid.json(["list"])
})
afterAll(() => grid.down())

describe("a retry", () => {
  it("runs what was sent once more, and brings its files to where the first was started", async () => {
    // What changed here since is not sent.
    writeFileSync(join(place, "in.txt"), "second")
    const again = await grid.run(["retry", id, "--env", "MODE=right"], { cwd: grid.workplace() })
    expect([again.code, again.stdout.toString()]).toEqual([0, "right *** first typed\n"])
    expect(again.stderr).toMatch(/Retry started: exec_/)
    expect(readFileSync(join(place, "out.txt"), "utf8")).toBe("right")
    const [newest] = await grid.json(["list", "--limit", "1"])
    expect(newest).toMatchObject({ retryOf: id, state: "completed", env: expect.arrayContaining(["MODE", "TOKEN"]) })
  })

  it("overwrites no change a person made here", async () => {
    writeFileSync(join(place, "out.txt"), "mine")
    const again = await grid.run(["retry", id], { cwd: place })
    expect(again.code, again.stderr).toBe(4)
    expect(readFileSync(join(place, "out.txt"), "utf8")).toBe("mine")
  })

  it("writes to the current directory when the first one's is gone, and says so", async () => {
    const there = grid.workplace()
    writeFileSync(join(there, "make.sh"), "echo made > made.txt\n")
    const first = (await grid.run(["run", "--detach", "make.sh"], { cwd: there })).stdout.toString().trim()
    await grid.run(["logs", "--follow", first])
    rmSync(there, { recursive: true })
    const here = grid.workplace()
    const again = await grid.run(["retry", first], { cwd: here })
    expect(again.stderr).toContain("is not here")
    expect(readFileSync(join(here, "made.txt"), "utf8")).toBe("made\n")
    expect(existsSync(there)).toBe(false)
  })

  it("is a line on stdout with --detach, and outlives its original", async () => {
    const detached = await grid.run(["retry", id, "--detach", "--env", "MODE=right"], { cwd: place })
    const retried = detached.stdout.toString().trim()
    expect(detached.stderr).toContain(`Retry started: ${retried}`)
    expect((await grid.run(["delete", "--yes", id])).code).toBe(0)
    expect((await grid.run(["logs", "--follow", retried])).stdout.toString()).toBe("right *** first typed\n")
  })

  it("needs an execution that is known and has ended", async () => {
    writeFileSync(join(place, "long.sh"), "read line\n")
    const running = grid.start(["run", "--json", "long.sh"], { cwd: place, stdin: { open: true } })
    const line = await waitUntil("it began", () => running.stdout().toString().split("\n")[1] === undefined ? undefined : running.stdout().toString())
    const { execution } = JSON.parse(line.split("\n", 1)[0]!)
    const refused = await grid.run(["retry", execution.id])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("has not ended")])
    running.child.stdin!.end()
    await running.finished
    expect((await grid.run(["retry", "exec_zzzzzzzzzzzzzzzzzzzzzzzzzz"])).code).toBe(2)
  })
})
