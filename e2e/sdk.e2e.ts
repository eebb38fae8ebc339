/** The built library against a grid: what a program gets that embeds it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type * as Declared from "rgrid"
import type { BatchInfo, LogChunk } from "rgrid"
import { TestGrid } from "./harness.ts"

const rgrid: typeof Declared = await import(new URL("../packages/core/dist/index.js", import.meta.url).href)

const grid = new TestGrid()
/** Fields that say which grid, as a program gives them. */
let here: { readonly url: string; readonly apiKey: string }

/** Where the library keeps for a while what is no file. */
const kept = grid.workplace()

beforeAll(async () => {
  process.env["TMPDIR"] = kept
  await grid.up("process")
  const { key: apiKey, url } = grid.file()
  here = { url, apiKey }
})
afterAll(() => grid.down())

const python = { runtime: "python:3.11" } as const
const stays = { outputDirectory: false } as const
const waits = `import os, time
while not os.path.exists("go"): time.sleep(0.05)
`
const text = (chunks: ReadonlyArray<LogChunk>): string => Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
const refusalOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => "resolved", (error: unknown) => error)

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
    ["a retry with no cores", () => rgrid.retry("exec_x", { cpu: -1, ...here }), "OptionRefused"],
    ["nothing to iterate over", () => any.batch("a.py", []).wait(), "OptionRefused"],
    ["items that are numbers", () => any.batch("a.py", [], { over: [1, 2] }).wait(), "OptionRefused"]
  ])("rejects with what it should be: %s", async (_what, call, code) => {
    const error = await refusalOf(call())
    expect(error).toBeInstanceOf(rgrid.RGridError)
    expect(error).toMatchObject({ code, retryable: false, remediation: expect.stringMatching(/^Give /) })
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
    expect(await handle.download(join(cwd, "else"))).toEqual([{ path: "a.txt", bytes: 1 }])
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
    for await (const { bytes, stream, time } of handle.logs()) {
      expect([stream, Buffer.from(bytes).toString().slice(0, 5)]).toEqual(["stdout", "first"])
      expect(Math.abs(Date.now() - time.getTime())).toBeLessThan(60_000)
      break
    }
    expect((await handle.status()).status).toBe("running")
    await handle.cancel()
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
    const leaving = () => AbortSignal.any([AbortSignal.timeout(300), AbortSignal.abort(reason)])
    expect(await refusalOf(handle.wait({ signal: leaving() }))).toBe(reason)
    expect(await refusalOf(handle.status({ signal: leaving() }))).toBe(reason)
    const controller = new AbortController()
    const reading = (async () => {
      for await (const _ of handle.logs({ signal: controller.signal })) continue
    })()
    controller.abort(reason)
    expect(await refusalOf(reading)).toBe(reason)
    expect(["queued", "running"]).toContain((await handle.status()).status)
    await handle.cancel()
  })

  it("ends a batch's loop and waiting", async () => {
    const controller = new AbortController()
    const run = rgrid.batch({ code: waits, over: "{1..3}", signal: controller.signal, ...python, ...stays, ...here })
    const { id } = await run.submitted()
    const reading = (async () => {
      for await (const _ of run) continue
    })()
    const waiting = run.wait()
    controller.abort(new Error("enough"))
    expect(await refusalOf(reading)).toBe(controller.signal.reason)
    expect(await refusalOf(waiting)).toBe(controller.signal.reason)
    const found = rgrid.batchOf(id, here)
    expect((await found.progress()).status).toBe("running")
    expect(await found.cancel()).toMatchObject({ halted: "canceled" })
    expect((await found.wait()).canceled).toBe(3)
  })
})

describe("a batch", () => {
  const code = `import sys
name = sys.argv[1]
print("item", name)
open("made.txt", "w").write(name)
sys.exit(3 if name == "2" else 0)
`

  it("gives the result of each item, with its files in a folder of its name, and sums them up", async () => {
    const cwd = grid.workplace()
    const seen: Array<BatchInfo> = []
    const run = rgrid.batch({ code, cwd, over: "{1..4}", parallel: 2, output: true, onProgress: (info) => seen.push(info), ...python, ...here })
    const results = []
    for await (const result of run) results.push(result)
    results.sort((a, b) => a.batch!.position - b.batch!.position)
    expect(results.map(({ exitCode, item, status, stdout }) => [item, status, exitCode, stdout])).toEqual([
      ["1", "completed", 0, "item 1\n"],
      ["2", "failed", 3, "item 2\n"],
      ["3", "completed", 0, "item 3\n"],
      ["4", "completed", 0, "item 4\n"]
    ])
    expect(Object.keys(results[1]!).toSorted()).toEqual(Object.keys(results[0]!).toSorted())
    expect(results[2]!.outputs).toEqual([{ path: "3/made.txt", bytes: 1 }])
    expect(readFileSync(join(cwd, "outputs/3/made.txt"), "utf8")).toBe("3")
    expect(seen.at(-1)).toMatchObject({ total: 4, completed: 3, failed: 1 })
    const summary = await run.wait()
    expect(summary).toMatchObject({ ok: true, status: "ended", completed: 3, failed: 1, written: { files: 4, bytes: 4 }, unfetched: 0 })
    expect(summary.causes.map(({ count, message }) => [count, message])).toEqual([[1, "The script exited with code 3."]])
    expect(summary.failures.map(({ batch, exitCode }) => [batch?.label, exitCode])).toEqual([["2", 3]])
  })

  it("takes files, rows and lists as the command line does", async () => {
    const cwd = grid.workplace()
    for (const name of ["b", "a"]) writeFileSync(join(cwd, `${name}.txt`), name)
    writeFileSync(join(cwd, "jobs.csv"), "name,size\nx,1\ny,2\n")
    writeFileSync(join(cwd, "cat.py"), "import sys; print(*[open(a).read() if a.endswith('.txt') else a for a in sys.argv[1:]])")
    const said = async (args: ReadonlyArray<string>, over: Declared.BatchOptions["over"]) => {
      const lines = []
      for await (const { item, stdout } of rgrid.batch("cat.py", args, { cwd, over, output: true, ...stays, ...here })) {
        lines.push([item, stdout])
      }
      return lines.toSorted()
    }
    expect(await said(["--all"], "*.txt")).toEqual([["a.txt", "--all a\n"], ["b.txt", "--all b\n"]])
    expect(await said([], ["b.txt", "{1..2}"])).toEqual([["1", "1\n"], ["2", "2\n"], ["b.txt", "b\n"]])
    const rows = [{ id: 1, odd: "{a,b}*" }, { id: 2, odd: null }]
    expect(await said(["{odd}", "--id={id}"], rows)).toEqual([["1 {a,b}*", "{a,b}* --id=1\n"], ["2 ", " --id=2\n"]])
    expect(await said(["{name}-{size}"], { file: "jobs.csv" })).toEqual([["x 1", "x-1\n"], ["y 2", "y-2\n"]])
  })

  it("has its end told to whoever waits, with or without a loop, and to a loop that comes late", async () => {
    const cwd = grid.workplace()
    const run = rgrid.batch({ code, cwd, over: "{3..12}", ...python, ...here })
    const summary = await run.wait()
    expect([summary.completed, summary.written.files]).toEqual([10, 10])
    const items = []
    for await (const { item, outputs } of run) items.push([item, outputs.length])
    expect(items.toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => [String(i + 3), 1]).toSorted())
    expect(readdirSync(join(cwd, "outputs/7"))).toEqual(["made.txt"])
  })

  it("is sent to its end for whoever only looked", async () => {
    const inputs = { "large.bin": Buffer.alloc(40 * 1024 * 1024, 1) }
    const { id } = await rgrid.batch({ code: "pass", over: "{1..2}", inputs, ...python, ...stays, ...here }).progress()
    expect((await rgrid.batchOf(id, here).wait()).completed).toBe(2)
  })

  it("is read by one loop at a time", async () => {
    const run = rgrid.batch({ code, over: "{3..5}", ...python, ...stays, ...here })
    const [one, other] = [run[Symbol.asyncIterator](), run[Symbol.asyncIterator]()]
    await one.next()
    expect(await refusalOf(other.next())).toBeInstanceOf(TypeError)
    await one.return!()
    expect((await other.next()).done).toBe(false)
    await other.return!()
    expect((await run.wait()).completed).toBe(3)
  })

  it("is left by breaking out of its loop, and come back to by its id", async () => {
    const run = rgrid.batch({ code, over: "{3..6}", ...python, ...stays, ...here })
    let id = ""
    for await (const { batch } of run) {
      id = batch!.id
      break
    }
    const directory = grid.workplace()
    const summary = await rgrid.batchOf(id, { outputDirectory: directory, flat: true, ...here }).wait()
    expect([summary.completed, summary.written.files]).toEqual([4, 4])
    expect(readdirSync(directory).toSorted()).toEqual(["3_made.txt", "4_made.txt", "5_made.txt", "6_made.txt"])
    expect((await run.wait()).completed).toBe(4)
  })

  it("ends early by its halt, and leaves out what it completed before", async () => {
    const again = { code, cwd: grid.workplace(), over: ["1", "2"], ...python, ...stays, ...here }
    const halted = await rgrid.batch({ ...again, over: "{2..9}", parallel: 1, halt: "soon,fail=1", failOn: "any" }).wait()
    expect(halted).toMatchObject({ ok: false, halted: "halt", failed: 1, canceled: 7 })
    await rgrid.batch(again).wait()
    const resumed = await rgrid.batch({ ...again, resume: true }).wait()
    expect([resumed.skipped, resumed.total]).toEqual([1, 1])
  })

  it("is the same one under the same key", async () => {
    const once = () => rgrid.batch({ code: "pass", over: "{1..2}", idempotencyKey: "one-batch", ...python, ...stays, ...here }).submitted()
    const [one, two] = [await once(), await once()]
    expect(two.id).toBe(one.id)
  })

  it.each([
    [{ over: "none/*.csv" }, "BatchPatternUnmatched"],
    [{ over: [] }, "BatchEmpty"],
    [{ over: [{ a: 1 }] }, "ReplacementUnknown"],
    [{ over: [{ a: 1 }, { b: 1 }] }, "BatchListRefused"],
    [{ over: "{1..2}", halt: "never" }, "OptionRefused"],
    [{ over: "{1..2}", parallel: 0 }, "OptionRefused"],
    [{ over: "{1..2}", timeout: "50%" as const }, "OptionRefused"],
    [{ over: "{1..2}", memory: 1 }, "OptionRefused"]
  ])("refuses %j", async (options, code) => {
    const run = rgrid.batch({ code: "pass", ...options, ...python, ...stays, ...here })
    expect(await refusalOf(run.wait())).toMatchObject({ code })
    expect(await refusalOf(run.submitted())).toMatchObject({ code })
  })
})
