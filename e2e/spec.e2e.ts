/** `rgrid run --spec`: a described job is posted as it is. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TestGrid } from "./harness.ts"

const grid = new TestGrid()

beforeAll(() => grid.up("process"))
afterAll(() => grid.down())

const job = { runtime: "bash", script: "-c", args: ["echo $GREETING"], interpreter: ["bash"], env: { GREETING: "hello" } }

describe("a job in a file", () => {
  it("runs, from YAML and from JSON on stdin", async () => {
    const cwd = grid.workplace()
    writeFileSync(join(cwd, "job.yaml"), "runtime: bash\nscript: -c\nargs: [echo $0]\ninterpreter: [bash]\n")
    const yaml = await grid.run(["run", "--spec", "job.yaml"], { cwd })
    expect([yaml.code, yaml.stdout.toString()], yaml.stderr).toEqual([0, "bash\n"])
    const json = await grid.run(["run", "--spec", "-"], { cwd, stdin: JSON.stringify(job) })
    expect([json.code, json.stdout.toString()], json.stderr).toEqual([0, "hello\n"])
  })

  it("has a schema that the server tells", async () => {
    const answer = await fetch(new URL("/api/v1/jobspec.schema.json", grid.file().url))
    expect(await answer.json()).toEqual(JSON.parse(readFileSync(join(import.meta.dirname, "../docs/jobspec.schema.json"), "utf8")))
  })

  it("is refused by the path of what is wrong, and beside a script", async () => {
    const wrong = await grid.run(["run", "--spec", "-"], { stdin: JSON.stringify({ ...job, resources: { cpu: "two" } }) })
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('["resources"]["cpu"]')])
    const both = await grid.run(["run", "--spec", "job.yaml", "script.py"])
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("one too many")])
    const none = await grid.run(["run"])
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("no script to run")])
  })
})
