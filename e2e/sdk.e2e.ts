/** The built library against a grid: what a program gets that embeds it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type * as Declared from "rgrid"
import type { LogChunk } from "rgrid"
import { TestGrid } from "./harness.ts"
import { python, refusalOf, stays, waits } from "./sdkCalls.ts"

const rgrid: typeof Declared = await import(new URL("../packages/core/dist/index.js", import.meta.url).href)

const grid = new TestGrid()
/** Fields that say which grid, as a program gives them. */
let here: { readonly url: string; readonly apiKey: string }

/** Where the library keeps for a while what is no file. */
const kept = grid.workplace()
/** Where the grid of this machine would be, were it started. */
const home = join(grid.workplace(), "home")

beforeAll(async () => {
  process.env["TMPDIR"] = kept
  process.env["RGRID_HOME"] = home
  await grid.up("process")
  const { key: apiKey, url } = grid.file()
  here = { url, apiKey }
})
afterAll(() => grid.down())

const text = (chunks: ReadonlyArray<LogChunk>): string => Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()

describe("inline code", () => {
  it("runs beside the files given with it, and nothing of it is left here", async () => {
    const cwd = grid.workplace()
    writeFileSync(join(cwd, "beside.py"), "name = 'beside'")
    mkdirSync(join(cwd, "tables"))
    writeFileSync(join(cwd, "tables/a.csv"), "1\n2\n")
    const code = `import beside, json, sys
print(beside.name, json.load(open("in.json"))["a"], open("deep/b.bin", "rb").read(), open("t/a.csv").read().split(), sys.argv)
open("out.txt", "w").write("made")
`
    const inputs = { "in.json": `{"a": "ä"}`, "deep/b.bin": Buffer.from([0, 255]), t: { path: "tables" } }
    const result = await rgrid.run({ code, args: ["x"], inputs, cwd, ...python, ...here })
    expect(result.stderr).toBe("")
    expect(result.stdout).toBe(`beside ä b'\\x00\\xff' ['1', '2'] ['main.py', 'x']\n`)
    expect(result.outputs).toEqual([{ path: "out.txt", bytes: 4 }])
    expect(readdirSync(cwd).toSorted()).toEqual(["beside.py", "out.txt", "tables"])
    expect(readdirSync(kept).filter((name) => name.startsWith("rgrid-"))).toEqual([])
  })

  it.each([
    ["node", { runtime: "node:24", code: "console.log(require('node:path').basename(__filename))" }, "main.js\n"],
    ["bash", { runtime: "bash", code: "echo $((1 + 1))" }, "2\n"],
    ["a name", { name: "tool/my.py", code: "import sys; print(sys.argv[0])" }, "tool/my.py\n"],
    ["its #! line", { code: "#!/bin/sh\necho sh\n" }, "sh\n"]
  ])("is told by %s", async (_by, inline, stdout) => {
    expect(await rgrid.run({ cwd: grid.workplace(), ...inline, ...here })).toMatchObject({ exitCode: 0, stdout })
  })

  it("is in place of a file of that name, which stays as it is", async () => {
    const cwd = grid.workplace()
    writeFileSync(join(cwd, "in.txt"), "here")
    const inputs = { "in.txt": "given" }
    const result = await rgrid.run({ code: "print(open('in.txt').read())", args: ["in.txt"], cwd, inputs, ...python, ...here })
    expect(result.stdout).toBe("given\n")
    expect(readFileSync(join(cwd, "in.txt"), "utf8")).toBe("here")
  })

  it.each(["/etc/x", "../x", "a/../../x", ""])("takes no input at %j", async (path) => {
    const error = await refusalOf(rgrid.run({ code: "pass", inputs: { [path]: "x" }, ...python, ...here }))
    expect(error).toMatchObject({ code: "InputRefused", retryable: false })
  })

  it("says what is wrong with it by its name", async () => {
    const error = await refusalOf(rgrid.run({ code: "print(", name: "job.py", ...here }))
    expect(error).toBeInstanceOf(rgrid.RGridError)
    expect(error).toMatchObject({ code: "SyntaxRejected", message: expect.stringContaining("job.py") })
    const unknown = await refusalOf(rgrid.run({ code: "pass", ...here }))
    expect(unknown).toMatchObject({ code: "RuntimeUndetected", remediation: expect.stringContaining("runtime") })
  })
})

describe("a call that can't be meant so", () => {
  const any: any = rgrid
  it.each([
    ["no script", () => any.run(), "OptionRefused"],
    ["a number for code", () => any.run({ code: 1 }), "OptionRefused"],
    ["an argument that is no text", () => any.run("a.py", [1]), "OptionRefused"],
    ["a variable that is no text", () => any.run({ code: "pass", env: { A: 1 } }), "OptionRefused"],
    ["no cores", () => rgrid.run({ code: "pass", cpu: 0 }), "OptionRefused"],
    ["too little memory", () => rgrid.submit({ code: "pass", memory: 512 }), "OptionRefused"],
    ["no time", () => rgrid.run({ code: "pass", timeout: 0, ...python }), "OptionRefused"],
    ["a key of no length", () => rgrid.run({ code: "pass", idempotencyKey: "", ...python }), "OptionRefused"],
    ["a list of too many", () => rgrid.list({ limit: 5000, ...here }), "OptionRefused"],
    ["a status there is not", () => any.list({ status: "timedout", ...here }), "OptionRefused"],
    ["no days", () => rgrid.cost({ days: 0, ...here }), "OptionRefused"],
    ["half a day", () => rgrid.cost({ days: 1.5, ...here }), "OptionRefused"],
    ["costs by what is none", () => any.cost({ by: "week", ...here }), "OptionRefused"],
    ["an address that is none", () => rgrid.list({ ...here, url: "grid.example.com" }), "OptionRefused"],
    ["a retry with no cores", () => rgrid.retry("exec_x", { cpu: -1, ...here }), "OptionRefused"],
    ["nothing to iterate over", () => any.batch("a.py", []).wait(), "OptionRefused"],
    ["rows that are arrays", () => any.batch("a.py", [], { over: [["a"]] }).wait(), "OptionRefused"],
    ["items that are numbers", () => any.batch("a.py", [], { over: [1, 2] }).wait(), "OptionRefused"]
  ])("rejects with what it should be: %s", async (_what, call, code) => {
    const error = await refusalOf(call())
    expect(error).toBeInstanceOf(rgrid.RGridError)
    expect(error).toMatchObject({ code, retryable: false, remediation: expect.stringMatching(/^Give /) })
    expect(existsSync(home), "a grid was started").toBe(false)
  })

  it("starts no grid either for a script that isn't there", async () => {
    expect(await refusalOf(rgrid.run("nowhere.py"))).toMatchObject({ code: "ScriptMissing", retryable: false })
    expect(existsSync(home), "a grid was started").toBe(false)
  })

  it("never tells the value of a variable", async () => {
    const error: any = await refusalOf(any.run({ code: "pass", secrets: { TOKEN: ["hush"] } }))
    expect(`${error.message} ${error.remediation} ${error.cause}`).not.toContain("hush")
  })
})

describe("what is submitted", () => {
  it("is waited for, read, looked at, fetched and canceled by its handle", async () => {
    const cwd = grid.workplace()
    const handle = await rgrid.submit({ code: "print('hi'); open('a.txt', 'w').write('x')", cwd, ...python, ...here })
    const result = await handle.wait()
    expect(result).toMatchObject({ id: handle.id, status: "completed", stdout: "hi\n", outputs: [{ path: "a.txt", bytes: 1 }] })
    expect(existsSync(join(cwd, "a.txt"))).toBe(true)
    expect(await handle.outputs()).toEqual([{ path: "a.txt", type: "file", bytes: 1 }])
    expect(await handle.download(join(cwd, "else"))).toEqual({ outputs: [{ path: "a.txt", bytes: 1 }], refused: [] })
    mkdirSync(join(cwd, "taken/a.txt"), { recursive: true })
    expect(await rgrid.download(handle.id, join(cwd, "taken"), here)).toEqual({
      outputs: [],
      refused: [{ path: "a.txt", reason: "something that is no file stands there" }]
    })
    expect((await handle.status()).endedAt).toBeInstanceOf(Date)

    const endless = await rgrid.submit({ code: waits, ...python, ...stays, ...here })
    await endless.cancel()
    const canceled = await endless.wait()
    expect(canceled).toMatchObject({ status: "canceled", failure: { _tag: "Canceled" } })
    expect(Object.keys(canceled).toSorted()).toEqual(Object.keys(result).toSorted())
  })

  it("tells its output to whom it was submitted with, and to whom it is waited for with", async () => {
    const heard: Array<string> = []
    const hear = (who: string) => (bytes: Uint8Array) => void heard.push(`${who} ${Buffer.from(bytes).toString().trim()}`)
    const code = "import sys; print('out', end='', flush=True); print('err', end='', file=sys.stderr)"
    const handle = await rgrid.submit({ code, onStdout: hear("submit"), onStderr: hear("submit"), ...python, ...stays, ...here })
    await handle.wait({ onStderr: hear("wait") })
    expect(heard.toSorted()).toEqual(["submit out", "wait err"])
  })

  it("is found by its id from elsewhere, where nothing is written", async () => {
    const cwd = grid.workplace()
    const { id } = await rgrid.submit({ code: "open('a.txt', 'w').write('x')", cwd, ...python, ...here })
    const found = await rgrid.execution(id, here).wait()
    expect([found.status, found.outputs]).toEqual(["completed", []])
    expect(existsSync(join(cwd, "a.txt"))).toBe(false)
    expect(await refusalOf(rgrid.execution("exec_none", here).status())).toMatchObject({ code: "ExecutionUnknown" })
  })

  it("is the same one under the same key", async () => {
    const once = () => rgrid.submit({ code: "pass", idempotencyKey: "only-once", ...python, ...stays, ...here })
    const [one, two] = [await once(), await once()]
    expect(two.id).toBe(one.id)
    const other = { code: "print()", idempotencyKey: "only-once", ...python, ...stays, ...here }
    expect(await refusalOf(rgrid.submit(other))).toMatchObject({ code: "IdempotencyKeyReused", message: expect.stringContaining("only-once") })
  })

  it("reads what comes on stdin first", async () => {
    async function* lines() {
      yield Buffer.from("one\n")
      yield Buffer.from("two\n")
    }
    const handle = await rgrid.submit({ code: "import sys; print(sys.stdin.read().split())", stdin: lines(), ...python, ...stays, ...here })
    expect((await handle.wait()).stdout).toBe("['one', 'two']\n")
  })
})

describe("a log", () => {
  // More than ten frames can hold.
  const code = "import sys\nfor i in range(700): print('line', i, 'x' * 1000, file=sys.stdout if i % 3 else sys.stderr)"

  it("goes on behind any chunk of it, byte for byte", async () => {
    const { id } = await rgrid.run({ code, ...python, ...stays, ...here })
    const all: Array<LogChunk> = []
    for await (const chunk of rgrid.logs(id, here)) all.push(chunk)
    expect(all.length).toBeGreaterThan(5)
    for (const [index, { cursor }] of all.entries()) {
      const rest: Array<LogChunk> = []
      for await (const chunk of rgrid.execution(id, here).logs({ from: cursor })) rest.push(chunk)
      // Equal or not: a difference of megabytes would be shown for minutes.
      expect(text(rest) === text(all.slice(index + 1)), `behind chunk ${index}`).toBe(true)
    }
  })

  it("is read while it is written, and left by breaking out", async () => {
    const handle = await rgrid.submit({ code: `print("first", flush=True)\n${waits}`, ...python, ...stays, ...here })
    let written: Date | null = null
    for await (const { bytes, stream, time } of handle.logs()) {
      expect([stream, Buffer.from(bytes).toString().slice(0, 5)]).toEqual(["stdout", "first"])
      written = time
      break
    }
    expect((await handle.status()).status).toBe("running")
    await handle.cancel()
    const { createdAt, endedAt } = await handle.wait()
    expect([createdAt, written, endedAt].toSorted((a, b) => a!.getTime() - b!.getTime())).toEqual([createdAt, written, endedAt])
  })

  it("says so when the cursor is none", async () => {
    const reading = (async () => {
      for await (const _ of rgrid.logs("exec_x", { from: "yesterday", ...here })) return "read"
    })()
    expect(await refusalOf(reading)).toMatchObject({ code: "OptionRefused", message: expect.stringContaining("from") })
  })
})

describe("an aborted signal", () => {
  it("ends each waiting with its reason, and nothing on the grid", async () => {
    const handle = await rgrid.submit({ code: waits, ...python, ...stays, ...here })
    const reason = new Error("enough")
    expect(await refusalOf(handle.status({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    const controller = new AbortController()
    const waiting = refusalOf(handle.wait({ signal: controller.signal }))
    const reading = refusalOf((async () => {
      for await (const _ of handle.logs({ signal: controller.signal })) continue
    })())
    controller.abort(reason)
    expect([await waiting, await reading]).toEqual([reason, reason])
    expect(["queued", "running"]).toContain((await handle.status()).status)
    await handle.cancel()
  })
})
