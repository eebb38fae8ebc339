/** One script, both sandboxes: what `python3` does here happens there. */
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { examples, local, scripts, TestGrid, waitUntil } from "./harness.ts"

const sandboxes = ["process", ...(hasDocker ? ["docker"] : [])] as ReadonlyArray<"process" | "docker">

const waitForText = (read: () => Buffer, text: string) =>
  waitUntil(`${JSON.stringify(text)} was printed`, () => read().toString().includes(text) || undefined)

describe.each(sandboxes)("a script in the %s sandbox", (sandbox) => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up(sandbox)
  })
  afterAll(() => grid.down())

  it("prints what it prints here, writes the files it writes here, exits as it exits here", async () => {
    const files = [join(examples, "wordcount/wordcount.py"), join(examples, "wordcount/text.txt")]
    const [there, here] = [grid.workplace(...files), grid.workplace(...files)]
    const expected = await local("python3", ["wordcount.py", "text.txt"], here)
    const got = await grid.run(["run", "wordcount.py", "text.txt"], { cwd: there })
    expect(got.stderr).toBe("")
    expect(got.code).toBe(expected.code)
    expect(got.stdout.toString()).toBe(expected.stdout.toString())
    const names = readdirSync(here, { recursive: true }).map(String).sort()
    expect(readdirSync(there, { recursive: true }).map(String).sort()).toEqual(names)
    for (const name of names.filter((name) => statSync(join(here, name)).isFile())) {
      expect(readFileSync(join(there, name))).toEqual(readFileSync(join(here, name)))
    }
  })

  it("gives its own exit code, and its streams apart", async () => {
    const got = await grid.run(["run", "exit3.py"], { cwd: grid.workplace(join(scripts, "exit3.py")) })
    expect(got.code).toBe(3)
    expect(got.stdout.toString()).toBe("about to fail\n")
    expect(got.stderr).toContain("on stderr\n")
  })

  it("sees its arguments, environment and stdin, and leaves files of every kind", async () => {
    const place = grid.workplace(join(scripts, "surroundings.py"))
    const args = ["run", "--env", "GREETING=hällo wörld", "surroundings.py", "--", "-v", "two words", ""]
    const got = await grid.run(args, { cwd: place, stdin: "from a pipe" })
    expect(got.code).toBe(0)
    const seen = JSON.parse(got.stdout.toString())
    expect(seen).toMatchObject({
      argv: ["surroundings.py", "-v", "two words", ""],
      env: "hällo wörld",
      stdin: "from a pipe"
    })
    if (sandbox === "docker") expect(seen.cwd).toBe(place)
    const unicode = join(place, "out/deep/ünïcode name.txt")
    expect(readFileSync(unicode, "utf8")).toBe("content")
    expect(statSync(unicode).mode & 0o777).toBe(0o755)
    expect(statSync(join(place, "empty")).size).toBe(0)
    expect(statSync(join(place, "nothing-in-it")).isDirectory()).toBe(true)
    expect(readdirSync(place)).not.toContain("link")
  })

  it("stands outside the working directory, and its input too, typed as they may be", async () => {
    const place = grid.workplace()
    const scriptPlace = grid.workplace()
    const script = join(scriptPlace, "elsewhere.py")
    const input = join(dirname(place), `${basename(place)}.csv`)
    const reads = "import sys\nprint(open(sys.argv[1]).read(), sys.argv[0])"
    writeFileSync(script, `${reads}\nopen("out.txt", "w").write("made")\n`)
    writeFileSync(input, "1,2")
    const relativeScript = `../${basename(scriptPlace)}/elsewhere.py`
    for (const [typed, argument] of [[script, `../${basename(input)}`], [relativeScript, input]] as const) {
      const got = await grid.run(["run", typed, argument], { cwd: place })
      expect(got).toMatchObject({ code: 0, stderr: "" })
      // A plain process runs elsewhere: from there only the absolute path leads to the script.
      const shown = sandbox === "docker" ? typed : script
      expect(got.stdout.toString()).toBe(`1,2 ${shown}\n`)
    }
    expect(readdirSync(place)).toEqual(["out.txt"])
    expect(readdirSync(scriptPlace)).toEqual(["elsewhere.py"])
  })

  it("is stopped with all it started, though it ignores SIGTERM", async () => {
    const place = grid.workplace(join(scripts, "stubborn.py"))
    const started = await grid.run(["run", "--detach", "stubborn.py"], { cwd: place })
    expect(started.code).toBe(0)
    const id = started.stdout.toString().trim()
    expect(id).toMatch(/^exec_/)
    const follow = grid.start(["logs", "--follow", id])
    await waitForText(follow.stdout, "ready")
    expect((await grid.json(["status", id])).state).toBe("running")
    expect((await grid.run(["cancel", id])).code).toBe(0)
    await follow.finished
    expect((await grid.json(["status", id])).state).toBe("canceled")
  })

  it("is stopped at its timeout, which is 124", async () => {
    const place = grid.workplace(join(scripts, "slow_lines.py"))
    const got = await grid.run(["run", "--timeout", "1", "slow_lines.py", "100", "1"], { cwd: place })
    expect(got.code).toBe(124)
    expect(got.stdout.toString()).toContain("line 0\n")
  })

  it("is seen live: its first line is here while it runs", async () => {
    const place = grid.workplace(join(scripts, "slow_lines.py"))
    const run = grid.start(["run", "slow_lines.py", "4", "1"], { cwd: place })
    await waitForText(run.stdout, "line 0\n")
    expect(run.child.exitCode).toBeNull()
    expect(run.stdout().toString()).not.toContain("line 3")
    expect((await run.finished).stdout.toString()).toBe("line 0\nline 1\nline 2\nline 3\n")
  })
})
