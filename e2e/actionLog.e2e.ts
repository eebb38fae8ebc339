/** What a script prints is shown and never obeyed; what is secret is not shown. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { named, type Ran } from "./action/runner.ts"
import { run, workspace } from "./action/steps.ts"
import { TestGrid } from "./harness.ts"

const grid = new TestGrid()

beforeAll(() => grid.up("process"))
afterAll(() => grid.down())

/** Everything that a runner would obey, in all the ways to begin a line, and cut where chunks are. */
const hostile = String.raw`import os, sys, time
out, err = sys.stdout.buffer, sys.stderr.buffer
commands = [b"::set-output name=status::forged", b"::add-mask::words", b"::error file=a.py,line=1::forged",
    b"::set-env name=PATH::/evil", b"::add-path::/evil", b"::save-state name=main::forged", b"::debug::forged",
    b"::stop-commands::other", b"::other::", b"::echo::on", b"##[error]forged", b"##[set-env name=A]b",
    b"::endgroup::", b"##[endgroup]", b"::GROUP::forged"]
for command in commands:
    for start, end in [(b"", b"\n"), (b" \t", b"\r\n"), (b"text\r", b"\r"), (b"\xef\xbb\xbf", b"\n"), (b"\xe2\x80\xa8", b"\n")]:
        out.write(start + command + end)
        err.write(start + command + end)
out.flush(); err.flush()
# One command in three writes, with the other stream between them.
for piece in [b"::er", b"ror::", b"forged\n"]:
    out.write(piece); out.flush()
    err.write(b"\n::error::"); err.flush()
    time.sleep(0.1)
# Binary, and lines longer than are held back, with a command where they are cut.
out.write(bytes(range(256)) + b"\n" + b"x" * 65536 + b"::error::forged\n" + b"\r" * 70000 + b"::error::forged\n")
out.write(b"words words\n")
# The last line does not end: what comes behind it is no part of it.
out.write(b"no end"); err.write(b"::error::no end"); out.flush(); err.flush()
sys.exit(int(sys.argv[1]))
`

const forged = ({ commands }: Ran) => commands.filter(({ value }) => /forged|evil|no end/.test(value))
const obeyed = ({ commands }: Ran) => commands.map(({ name }) => name)

describe("a script that prints commands", () => {
  it("is not obeyed", async () => {
    const place = workspace(grid, { "hostile.py": hostile })
    const ran = await run(grid, place, { script: "hostile.py", args: "0" })
    expect(ran.code, ran.stderr).toBe(0)
    expect(forged(ran)).toEqual([])
    const token = named(ran, "stop-commands")[0]!.value
    expect(obeyed(ran).filter((name) => name !== "add-mask")).toEqual(["group", "stop-commands", token, "endgroup"])
    expect(ran.log).toContain("words words")
    expect(ran.log).toContain("no end")
    expect(ran.outputs["status"]).toBe("completed")
    expect(ran.state["main"]).toBe("began")
  })

  it("is not obeyed where its words are quoted by ours either", async () => {
    const last = "raise ValueError('x\\n::error::forged\\r::set-output name=a::forged')"
    const place = workspace(grid, { "::error::forged.py": `${hostile.replace(/sys\.exit.*\n/, "")}\n${last}\n` })
    const ran = await run(grid, place, { script: "::error::forged.py", args: "1", runtime: "python:3.11" })
    expect(ran.code, ran.raw.slice(0, 2000)).toBe(1)
    expect(obeyed(ran).filter((name) => !["add-mask", "error"].includes(name))).toHaveLength(4)
    const errors = named(ran, "error")
    expect(errors).toHaveLength(2)
    expect(ran.raw.split("\n").filter((line) => line.startsWith("::error"))).not.toContain("::error::forged')")
  })

  it.each(["##[error]forged", "text ##[add-mask]words", "##[save-state name=running]forged", "##[set-output name=execution-id]forged"])(
    "is not obeyed where its last words end a step that does not fail: %s",
    async (words) => {
      const place = workspace(grid, { "bad.py": "import sys\nprint('words words')\nraise ValueError(sys.argv[1])\n" })
      const ran = await run(grid, place, { script: "bad.py", args: `'${words}'`, "fail-on": "never" })
      expect(ran.code, ran.raw).toBe(0)
      const token = named(ran, "stop-commands")[0]!.value
      expect(named(ran, "add-mask").map(({ value }) => value)).toEqual([grid.file().key])
      expect(obeyed(ran).filter((name) => name !== "add-mask")).toEqual(["group", "stop-commands", token, "endgroup", "warning"])
      expect(ran.log.at(-2)).toMatch(/^✓ bad\.py: .*ValueError: .*## \[/)
    }
  )

  it("has no effect on a batch's lines, whatever its items are called", async () => {
    const place = workspace(grid, { "bad.py": "import sys\nraise ValueError('::error::forged')\n", "in/::error::forged": "", "in/a": "" })
    const ran = await run(grid, place, { script: "bad.py", batch: "in/*" })
    expect(ran.code, ran.raw).toBe(1)
    const token = named(ran, "stop-commands")[0]!.value
    expect(obeyed(ran).filter((name) => name !== "add-mask").slice(0, 4)).toEqual(["group", "stop-commands", token, "endgroup"])
    expect(named(ran, "error").filter(({ value }) => value.startsWith("forged"))).toEqual([])
  })
})

describe("what is secret", () => {
  const tell = "import os\nprint(os.environ['API_TOKEN']); print(os.environ['DEPLOY_KEY_SECRET']); print(os.environ['MODE'])\n"
  const key = "-----BEGIN PRIVATE KEY-----\nline one of it\nline two of it\n-----END PRIVATE KEY-----"

  it("is masked before anything is said, line by line, and stored masked", async () => {
    const place = workspace(grid, { "tell.py": `${tell}raise ValueError(os.environ['API_TOKEN'])\n` })
    const ran = await run(
      grid,
      place,
      { script: "tell.py", env: "API_TOKEN=t0p-s3cret-value\nDEPLOY_KEY_SECRET\nMODE=fast" },
      { DEPLOY_KEY_SECRET: key }
    )
    const masks = named(ran, "add-mask").map(({ value }) => value)
    expect(masks).toEqual(expect.arrayContaining([grid.file().key, "t0p-s3cret-value", key, "line one of it", "line two of it"]))
    expect(masks).not.toContain("fast")
    expect(ran.log).toContain("fast")
    const firstLine = ran.raw.indexOf("::group::")
    for (const mask of ["t0p-s3cret-value", "line one of it", grid.file().key]) {
      expect(ran.raw.indexOf(`::add-mask::${mask}`)).toBeLessThan(firstLine)
      expect(ran.log.join("\n")).not.toContain(mask)
      expect(ran.summary).not.toContain(mask)
    }
    const { stdout } = await grid.run(["logs", ran.outputs["execution-id"]!])
    expect(stdout.toString()).not.toContain("t0p-s3cret-value")
  })

  it("is never told by what is wrong with an input", async () => {
    const ran = await run(grid, workspace(grid, { "a.py": "" }), { script: "a.py", env: "1BAD=hunter2-value" })
    expect(ran.code).toBe(1)
    expect(ran.raw).not.toContain("hunter2-value")
    expect(ran.outputs).toEqual({ status: "error" })
  })
})

describe("what can't be run", () => {
  it.each([
    [{ script: "" }, "There is no script to run"],
    [{ script: "gone.py" }, "There is no file gone.py"],
    [{ script: "a.py", args: "'open" }, "A quote is left open"],
    [{ script: "a.py", memory: "lots" }, "memory: lots makes no sense. Give at least 16m"],
    [{ script: "a.py", parallel: "3" }, "parallel is for batches"],
    [{ script: "a.py", timeout: "200%" }, "for batches"],
    [{ script: "a.py", "fail-on": "some" }, "any, all or never"],
    [{ script: "a.py", annotate: "yes" }, "neither true nor false"],
    [{ script: "a.py", env: "NOT_SET_ANYWHERE" }, "NOT_SET_ANYWHERE is not set"],
    [{ script: "a.py", "api-key": "" }, "server is given, api-key is not"],
    [{ script: "a.py", server: "" }, "api-key is given, server is not"],
    [{ script: "a.py", server: "http://127.0.0.1:9" }, "No RGrid server answers"],
    [{ script: "a.py", "api-key": "rgrid_live_wrong" }, "refused the key"],
    [{ script: "a.py", "working-directory": "gone" }, "There is no directory"],
    [{ script: "a.py", batch: "none/*.csv" }, "batch: none/*.csv matches no file"],
    [{ script: "a.py", requirements: "gone.txt" }, "There is no file gone.txt"]
  ])("is told with what to do: %o", async (inputs, words) => {
    const ran = await run(grid, workspace(grid, { "a.py": "print(1)\n" }), inputs)
    expect(ran.code, ran.raw).toBe(1)
    expect(named(ran, "error").map(({ value }) => value).join("\n")).toContain(words)
    expect(ran.outputs["status"]).toBe("error")
  })
})

it("tells who forgot to check out", async () => {
  const ran = await run(grid, workspace(grid, {}), { script: "a.py" })
  expect(named(ran, "error")[0]?.value).toContain("actions/checkout")
})

describe("where it runs and writes", () => {
  it("is the working directory; outputs go where they are wanted", async () => {
    const make = "import os\nprint(os.path.basename(os.getcwd())); open('made.txt', 'w').write(open('in.txt').read())\n"
    const place = workspace(grid, { "part/make.py": make, "part/in.txt": "x", "part/.rgrid/config": "env:\n  MODE: slow\n" })
    const ran = await run(grid, place, { script: "make.py", args: "in.txt", "working-directory": "part", "output-dir": "results" })
    expect(ran.code, ran.raw).toBe(0)
    expect(ran.outputs["outputs-path"]).toBe(join(place, "part/results"))
    expect(readFileSync(join(place, "part/results/made.txt"), "utf8")).toBe("x")
  })

  it("takes what the project says where the inputs say nothing", async () => {
    const place = workspace(grid, { "a.py": "import os\nprint(os.environ['MODE'], os.environ['SIZE'])\n", ".rgrid/config": "env:\n  MODE: slow\n  SIZE: big\n" })
    const ran = await run(grid, place, { script: "a.py", env: "MODE=fast" })
    expect(ran.log, ran.raw).toContain("fast big")
  })
})
