/** What a script leaves is here as if it had run here: inside its working directory and outside, and over nothing of ours. */
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { local, scripts, TestGrid, waitUntil } from "./harness.ts"

const sandboxes = ["process", ...(hasDocker ? ["docker"] : [])] as ReadonlyArray<"process" | "docker">

describe.each(sandboxes)("what a script in the %s sandbox leaves", (sandbox) => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up(sandbox)
  })
  afterAll(() => grid.down())

  /** `base/project` to run in, with a tool, its input and a place for its result around it. */
  const around = () => {
    const base = grid.workplace()
    for (const name of ["project", "tools", "data", "out"]) mkdirSync(join(base, name))
    cpSync(join(scripts, "result.py"), join(base, "tools/result.py"))
    writeFileSync(join(base, "data/in.csv"), "1,2,3")
    utimesSync(join(base, "data/in.csv"), 1_600_000_000, 1_600_000_000)
    return { base, cwd: join(base, "project") }
  }

  /** Each name with what a later program could depend on. */
  const tree = (base: string) =>
    readdirSync(base, { recursive: true, encoding: "utf8" }).sort().map((name) => {
      const status = statSync(join(base, name))
      const content = status.isFile() ? readFileSync(join(base, name), "utf8") : ""
      return [name, (status.mode & 0o777).toString(8), content].join(" ")
    })

  const typed = ["../tools/result.py", "../data/in.csv", "../out/result.json"]

  it("is where python3 leaves it here, inside its directory and outside", async () => {
    const [here, there] = [around(), around()]
    expect((await local("python3", typed, here.cwd)).code).toBe(0)
    const got = await grid.run(["run", ...typed], { cwd: there.cwd })
    expect(got).toMatchObject({ code: 0, stderr: "" })
    expect(got.stdout.toString()).toBe("wrote result.json\n")
    expect(tree(there.base)).toEqual(tree(here.base))
    const [age, expected] = [there, here].map(({ base }) => statSync(join(base, "out/result.json"), { bigint: true }).mtimeNs)
    expect(age! / 1000n).toBe(expected! / 1000n)
  })

  it("replaces what an earlier run left, in the same places", async () => {
    const { base, cwd } = around()
    for (const sum of [6, 10]) {
      expect(await grid.run(["run", ...typed], { cwd })).toMatchObject({ code: 0, stderr: "" })
      expect(JSON.parse(readFileSync(join(base, "out/result.json"), "utf8")).sum).toBe(sum)
    }
    expect(readdirSync(join(base, "out"))).toEqual(["result.json"])
  })

  // A plain process has written to this machine's own paths already.
  it.runIf(sandbox === "docker")("stays below the directory that is asked for, all of it", async () => {
    const { base, cwd } = around()
    const before = tree(base)
    expect((await grid.run(["run", "--remote-only", ...typed], { cwd })).code).toBe(0)
    expect(tree(base)).toEqual(before)
    const [{ id }] = await grid.json(["list"])
    const elsewhere = grid.workplace()
    expect(await grid.run(["download", id, "results"], { cwd: elsewhere })).toMatchObject({ code: 0, stderr: "" })
    const outside = join(elsewhere, "results/rgrid-outside", base)
    expect(JSON.parse(readFileSync(join(outside, "out/result.json"), "utf8")).sum).toBe(6)
    expect(readFileSync(join(outside, "data/in.csv"), "utf8")).toBe("1,2,3,4")
    expect(readFileSync(join(elsewhere, "results/made/deep/here.txt"), "utf8")).toBe("here")
    expect((await grid.run(["run", "--output-dir", "../collected", ...typed], { cwd })).code).toBe(0)
    expect(readdirSync(join(base, "collected")).sort()).toEqual(["made", "rgrid-outside"])
    expect(tree(base).filter((line) => !line.startsWith("collected"))).toEqual(before)
  })

  it("writes over nothing that changed or appeared here meanwhile, and removes nothing", async () => {
    const place = grid.workplace(join(scripts, "held_results.py"))
    const write = (name: string, text: string) => writeFileSync(join(place, name), text)
    for (const name of ["in.txt", "gone.txt", "old.txt"]) write(name, "before")
    const run = grid.start(["run", "held_results.py", "in.txt", "gone.txt"], { cwd: place, stdin: { open: true } })
    await waitUntil("it has written", () => run.stdout().toString().includes("written") || undefined)
    write("in.txt", "mine since")
    write("new.txt", "mine since")
    write("in.txt.rgrid", "of another run")
    run.child.stdin!.end()
    const got = await run.finished
    expect(got.code).toBe(0)
    expect(got.stderr.trim().split("\n")).toEqual([
      "in.txt changed here meanwhile; the script's is in in.txt.rgrid-2",
      "new.txt changed here meanwhile; the script's is in new.txt.rgrid",
      "The script removed gone.txt; it is still here"
    ])
    const texts = readdirSync(place).sort().map((name) => [name, readFileSync(join(place, name), "utf8")])
    expect(texts.filter(([name]) => name !== "held_results.py")).toEqual([
      ["gone.txt", "before"],
      ["in.txt", "mine since"],
      ["in.txt.rgrid", "of another run"],
      ["in.txt.rgrid-2", "of the script"],
      ["new.txt", "mine since"],
      ["new.txt.rgrid", "of the script"],
      ["old.txt", "of the script"]
    ])
  })
})
