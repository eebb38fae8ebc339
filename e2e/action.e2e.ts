/** The Action as a runner runs it: the built file, with a real grid. */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { named } from "./action/runner.ts"
import { run, workspace } from "./action/steps.ts"
import { between, isSubmission } from "./between.ts"
import { TestGrid } from "./harness.ts"

const grid = new TestGrid()

beforeAll(() => grid.up("process"))
afterAll(() => grid.down())

const count = "import sys\nprint('words', len(open(sys.argv[1]).read().split()))\nopen('made.txt', 'w').write('made')\n"
const half = `import sys, os
item = os.path.basename(sys.argv[1])
if item.startswith("bad"):
    raise ValueError("no good: " + item)
open("copy.txt", "w").write(open(sys.argv[1]).read())
`

/** What later steps are told of a script that did what it should. */
const completed = (directory: string) => ({
  "execution-id": expect.stringMatching(/^exec_/),
  status: "completed",
  "exit-code": "0",
  cost: "0",
  succeeded: "1",
  failed: "0",
  "outputs-path": directory
})

describe("a script as a step", () => {
  it("runs, shows its output in a group, brings its files and tells later steps", async () => {
    const place = workspace(grid, { "count.py": count, "my words.txt": "a b c" })
    const ran = await run(grid, place, { script: "count.py", args: "'my words.txt'" })
    expect(ran.code, ran.raw).toBe(0)
    expect(ran.log).toContain("words 3")
    expect(readFileSync(join(place, "made.txt"), "utf8")).toBe("made")
    expect(ran.outputs).toEqual(completed(place))
    expect(ran.commands.map(({ name }) => name)).toEqual(expect.arrayContaining(["group", "stop-commands", "endgroup"]))
    expect(ran.summary).toContain("completed")
  })

  it("fails as its script does, with the error at its line", async () => {
    const place = workspace(grid, { "lib/deep.py": "def f():\n    raise KeyError('missing')\n", "top.py": "from lib.deep import f\n\nf()\n" })
    const ran = await run(grid, place, { script: "top.py" })
    expect(ran.code, ran.raw).toBe(1)
    expect(ran.outputs).toMatchObject({ status: "failed", "exit-code": "1", succeeded: "0", failed: "1" })
    const [error] = named(ran, "error")
    expect(error?.properties).toMatchObject({ file: "lib/deep.py", line: "2" })
    expect(error?.value).toContain("KeyError")
    expect(ran.summary).toContain("KeyError")
  })

  it("tells how its script ended also where its files can't be written", async () => {
    const place = workspace(grid, { "make.py": "open('made.txt', 'w').write('made')\n", "file": "" })
    const ran = await run(grid, place, { script: "make.py", "output-dir": "file/under", "fail-on": "never" })
    expect([ran.code, ran.outputs], ran.raw).toEqual([1, completed(join(place, "file/under"))])
    expect(named(ran, "warning").map(({ value }) => value)).toEqual([expect.stringMatching(/^Its outputs were not fetched\. .*file/)])
    expect(named(ran, "error").map(({ value }) => value)).toEqual(["make.py: completed. Its outputs were not fetched."])
    expect(ran.summary).toContain("❌")
  })

  it("finds the line of a Node script too", async () => {
    const place = workspace(grid, { "top.mjs": "import { f } from './deep.mjs'\nf()\n", "deep.mjs": "export const f = () => {\n  throw new TypeError('bad')\n}\n" })
    const ran = await run(grid, place, { script: "top.mjs" })
    expect(ran.code, ran.raw).toBe(1)
    expect(named(ran, "error")[0]?.properties).toMatchObject({ file: "deep.mjs", line: "2" })
  })

  it("does not fail with fail-on never, and tells all the same", async () => {
    const place = workspace(grid, { "bad.py": "raise SystemExit(3)\n" })
    const ran = await run(grid, place, { script: "bad.py", "fail-on": "never" })
    expect([ran.code, ran.outputs["status"], ran.outputs["exit-code"]], ran.raw).toEqual([0, "failed", "3"])
    expect(named(ran, "error")).toEqual([])
  })
})

describe("a batch as a step", () => {
  const files = { "half.py": half, "in/good1.txt": "1", "in/good2.txt": "2", "in/bad1.txt": "3" }

  it.each([["any", 1, "failed"], ["all", 0, "completed"], ["never", 0, "failed"]])("with fail-on %s ends with %i", async (failOn, code, status) => {
    const place = workspace(grid, files)
    const ran = await run(grid, place, { script: "half.py", batch: "in/good*.txt\nin/bad*.txt", parallel: "2", "fail-on": failOn })
    expect(ran.code, ran.raw).toBe(code)
    expect(ran.outputs).toMatchObject({
      "batch-id": expect.stringMatching(/^batch_/),
      status,
      succeeded: "2",
      failed: "1",
      "outputs-path": join(place, "outputs")
    })
    expect(readFileSync(join(place, "outputs/good2/copy.txt"), "utf8")).toBe("2")
    expect(ran.log.some((line) => line.startsWith("✗ in/bad1.txt"))).toBe(true)
    expect(named(ran, "group").map(({ value }) => value)).toEqual(["rgrid run half.py", "stderr of in/bad1.txt"])
    expect(ran.log).toContain("ValueError: no good: bad1.txt")
    expect(named(ran, code === 0 ? "warning" : "error")[0]?.properties).toMatchObject({ file: "half.py", line: "4" })
  })

  it("goes on where the attempt before ended, and brings what that one made", async () => {
    const place = workspace(grid, { ...files, "half.py": `${half}# again\n` })
    const inputs = { script: "half.py", batch: "in/*.txt" }
    const first = await run(grid, place, inputs)
    expect(first.code, first.raw).toBe(1)
    // Another machine has the same directory, and nothing of what was made.
    rmSync(join(place, "outputs"), { recursive: true })
    const again = await run(grid, place, inputs, { GITHUB_RUN_ATTEMPT: "2" })
    expect(again.outputs, again.raw).toMatchObject({ succeeded: "2", failed: "1" })
    expect(again.log.join("\n")).toContain("2 of 3 were completed before")
    expect(readFileSync(join(place, "outputs/good1/copy.txt"), "utf8")).toBe("1")
    expect(existsSync(join(place, "outputs/bad1/copy.txt"))).toBe(false)
  })

  it("fails where the grid names what was completed before to nobody any more", async () => {
    const place = workspace(grid, { ...files, "half.py": `${half}# not told\n` })
    const inputs = { script: "half.py", batch: "in/good*.txt", "fail-on": "never" }
    expect((await run(grid, place, inputs)).outputs).toMatchObject({ succeeded: "2" })
    // As to whoever asks a second time, because the first answer was lost.
    const meddler = await between(grid.file().url, {
      answer: (incoming) => !isSubmission(incoming) ? null : (answer) => {
        const { resumption: _resumption, ...rest } = JSON.parse(answer)
        return JSON.stringify(rest)
      }
    })
    try {
      const again = await run(grid, place, { ...inputs, server: meddler.url }, { GITHUB_RUN_ATTEMPT: "2" })
      expect(again.code, again.raw).toBe(1)
      expect(named(again, "warning").map(({ value }) => value)).toEqual([
        "The outputs of 2 items are on the grid only: an earlier attempt completed them"
      ])
    } finally {
      meddler.close()
    }
  })

  it("fails where what an earlier attempt made does not come", async () => {
    const place = workspace(grid, { ...files, "half.py": `${half}# not again\n` })
    const inputs = { script: "half.py", batch: "in/good*.txt", "fail-on": "never" }
    expect((await run(grid, place, inputs)).outputs).toMatchObject({ succeeded: "2" })
    let gone = ""
    const meddler = await between(grid.file().url, {
      path: (path) => path === `/api/v1/executions/${gone}` ? `/api/v1/executions/exec_${"0".repeat(26)}` : path,
      answer: (incoming) => !isSubmission(incoming) ? null : (answer) => {
        gone = JSON.parse(answer).resumption.earlier[0].execution
        return answer
      }
    })
    try {
      const again = await run(grid, place, { ...inputs, server: meddler.url }, { GITHUB_RUN_ATTEMPT: "2" })
      expect(again.code, again.raw).toBe(1)
      expect(again.outputs).toMatchObject({ status: "completed", succeeded: "2", failed: "0" })
      expect(named(again, "warning").map(({ value }) => value)).toEqual([
        expect.stringMatching(/^in\/good\d\.txt: Its outputs were not fetched\. /)
      ])
      expect(named(again, "error")[0]!.value).toBe("half.py: All 2 items succeeded. The outputs of 1 item were not fetched.")
    } finally {
      meddler.close()
    }
  })
})
