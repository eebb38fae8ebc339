/** Languages and surroundings: what a script finds there is what it finds here. */
import { spawnSync } from "node:child_process"
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker, hasImage } from "../scripts/testing/docker.ts"
import { has, scripts, TestGrid } from "./harness.ts"

const sandboxes = ["process", ...(hasDocker ? ["docker"] : [])] as ReadonlyArray<"process" | "docker">

describe.each(sandboxes)("a script's surroundings in the %s sandbox", (sandbox) => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up(sandbox)
  })
  afterAll(() => grid.down())

  const inPlace = (name: string, text: string, mode = 0o644) => {
    const place = grid.workplace()
    writeFileSync(join(place, name), text)
    chmodSync(join(place, name), mode)
    return place
  }

  it("are those it has here: arguments, time zone, encoding, width, home", async () => {
    const place = grid.workplace(join(scripts, "around.py"))
    const env = { TZ: "America/St_Johns", COLUMNS: "101", LANG: "C.UTF-8", USER: process.env["USER"] ?? "somebody" }
    const here = spawnSync("python3", ["around.py", "a b", ""], { cwd: place, env: { ...process.env, ...env } })
    const there = await grid.run(["run", "around.py", "a b", ""], { cwd: place, env })
    expect(there).toMatchObject({ code: 0, stderr: "" })
    const [expected, got] = [here.stdout, there.stdout].map((text) => JSON.parse(text.toString()))
    // A plain process runs in a directory of its slot.
    const own = sandbox === "docker" ? {} : { cwd: got.cwd, file: join(got.cwd, "around.py") }
    expect(got).toEqual({ ...expected, ...own, user: true })
    expect(got.zone).toBe("NDT -0230")
    expect(readFileSync(join(place, "written.txt"), "utf8")).toBe("grüße 😀")
  })

  it("give way to --env", async () => {
    const place = inPlace("job.sh", "echo $TZ $COLUMNS $HOME $LANG $PYTHONUNBUFFERED.\n")
    const pairs = ["TZ=Asia/Tokyo", "COLUMNS=33", "HOME=/var", "LANG=C", "PYTHONUNBUFFERED="]
    const flags = pairs.flatMap((pair) => ["--env", pair])
    const got = await grid.run(["run", ...flags, "job.sh"], { cwd: place, env: { TZ: "UTC", COLUMNS: "99" } })
    expect(got.stdout.toString()).toBe("Asia/Tokyo 33 /var C .\n")
  })

  it("leave no byte code behind", async () => {
    const place = inPlace("job.py", "import helper\n")
    writeFileSync(join(place, "helper.py"), "print('helped')\n")
    const got = await grid.run(["run", "job.py", "helper.py"], { cwd: place })
    expect(got.stdout.toString()).toBe("helped\n")
    expect(readdirSync(place).sort()).toEqual(["helper.py", "job.py"])
  })

  it.runIf(sandbox === "docker")("know the script's user by name", async () => {
    const place = inPlace("who.sh", "whoami; id -gn; ls -ld . | cut -d' ' -f3\n")
    const got = await grid.run(["run", "who.sh"], { cwd: place })
    expect(got).toMatchObject({ code: 0, stderr: "" })
    expect(got.stdout.toString()).toBe("rgrid\nrgrid\nrgrid\n")
  })

  it("run TypeScript by stripping its types, and say nothing of it", async () => {
    const place = inPlace("job.ts", "const words: string[] = process.argv.slice(2)\nconsole.log(words.join('+'))\n")
    const got = await grid.run(["run", "job.ts", "a", "b"], { cwd: place })
    expect(got).toMatchObject({ code: 0, stderr: "" })
    expect(got.stdout.toString()).toBe("a+b\n")
  })

  it("run what only a #! line tells, as the kernel would", async () => {
    const place = inPlace("sum.awk", "#!/usr/bin/awk -f\n{ total += $1 } END { print total }\n", 0o755)
    writeFileSync(join(place, "numbers"), "1\n2\n39\n")
    const got = await grid.run(["run", "sum.awk", "numbers"], { cwd: place })
    expect(got).toMatchObject({ code: 0, stderr: "" })
    expect(got.stdout.toString()).toBe("42\n")
  })
})

const analysis = `
import numpy, pandas
import matplotlib.pyplot as plot
from scipy.stats import linregress
from sklearn.cluster import KMeans
points = pandas.read_csv("points.csv")
print(round(linregress(points.x, points.y).slope, 3), len(set(KMeans(2, n_init=1).fit(points.to_numpy()).labels_)))
plot.scatter(points.x, points.y)
plot.savefig("points.png")
`

const brought: ReadonlyArray<readonly [runtime: string, image: string, script: string, prints: string]> = [
  ["python:3.11-datascience", "ghcr.io/rgrid/python:3.11-datascience", analysis, "2.0 2\n"],
  ["python:3.11-llm", "ghcr.io/rgrid/python:3.11-llm", "import anthropic, langchain, openai, requests\nprint(openai.OpenAI.__name__)\n", "OpenAI\n"]
]

describe.runIf(hasDocker)("a runtime of RGrid's own", () => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up("docker")
  })
  afterAll(() => grid.down())

  for (const [runtime, image, script, prints] of brought) {
    it.runIf(hasDocker && hasImage(image))(`brings what it says it brings: ${runtime}`, async () => {
      const cwd = grid.workplace()
      writeFileSync(join(cwd, "job.py"), script)
      writeFileSync(join(cwd, "points.csv"), "x,y\n1,3\n2,5\n9,19\n")
      const got = await grid.run(["run", "--runtime", runtime, "job.py", "points.csv"], { cwd })
      expect(got).toMatchObject({ code: 0, stderr: "" })
      expect(got.stdout.toString()).toBe(prints)
      if (script === analysis) expect(readFileSync(join(cwd, "points.png")).subarray(1, 4).toString()).toBe("PNG")
    })
  }
})

describe("what can't run", () => {
  let grid: TestGrid
  beforeAll(() => {
    grid = new TestGrid()
  })
  // Nothing was started: there is nothing to stop.
  afterAll(() => grid.down())

  const refused = async (name: string, text: string, ...flags: ReadonlyArray<string>) => {
    const place = grid.workplace()
    writeFileSync(join(place, name), text)
    const got = await grid.run(["run", ...flags, name], { cwd: place })
    expect(got.stdout.toString()).toBe("")
    expect(grid.pids(/server|runner|postgres|keeper/)).toEqual([])
    return { ...got, place }
  }

  it.runIf(has("/usr/bin/python3.11"))("is told by Python, in its own words and with its own exit code", async () => {
    const { code, place, stderr } = await refused("bad.py", "print('begin')\ndef f(:\n  pass\n")
    const here = spawnSync("/usr/bin/python3.11", ["bad.py"], { cwd: place })
    expect(stderr).toBe(here.stderr.toString())
    expect(code).toBe(here.status)
  })

  it.runIf(has("/usr/bin/python3.11"))("is told to a program as JSON", async () => {
    const json = await grid.run(["run", "--json", "bad.py"], { cwd: (await refused("bad.py", "if:\n")).place })
    expect(JSON.parse(json.stdout.toString()).error).toMatchObject({ exitCode: 1 })
  })

  it("is told with what would do", async () => {
    const typescript = await refused("job.ts", "let a: string\n", "--runtime", "node:20")
    expect(typescript.stderr).toContain("node:24")
    expect(typescript.code).toBe(2)
    const misspelt = await refused("job.py", "", "--runtime", "pyhton:3.12")
    expect(misspelt.stderr).toContain("Did you mean python:3.12?")
    const unknown = await refused("job", "print()\n")
    expect(unknown.stderr).toContain("--runtime")
    expect(unknown.code).toBe(2)
  })

  it("is not among the runtimes, which are told without a grid", async () => {
    const listed = await grid.json(["runtimes"])
    expect(listed).toContainEqual(expect.objectContaining({ name: "python:3.11", image: "python:3.11-slim", default: true }))
    expect(listed).toContainEqual(expect.objectContaining({ name: "node:20", endings: [".js", ".mjs", ".cjs"], default: false }))
    expect(await grid.json(["runtimes", "list"])).toEqual(listed)
    const table = (await grid.run(["runtimes", "list"])).stdout.toString()
    expect(table).toMatch(/^python:3\.11 \(default\) +\.py +python:3\.11-slim$/m)
    expect(grid.pids(/server|runner|postgres|keeper/)).toEqual([])
  })
})
