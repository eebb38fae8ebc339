/** Batches by the built library against a grid. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type * as Declared from "rgrid"
import type { BatchInfo } from "rgrid"
import { TestGrid } from "./harness.ts"
import { python, refusalOf, stays, waits } from "./sdkCalls.ts"

const rgrid: typeof Declared = await import(new URL("../packages/core/dist/index.js", import.meta.url).href)

const grid = new TestGrid()
/** Which grid, as a program says it. */
let here: { readonly url: string; readonly apiKey: string }

beforeAll(async () => {
  await grid.up("process")
  const { key: apiKey, url } = grid.file()
  here = { url, apiKey }
})
afterAll(() => grid.down())

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
    const at = new Date(0)
    expect(await said(["{at}"], [{ at, big: 1n }])).toEqual([[`${at.toISOString()} 1`, `${at.toISOString()}\n`]])
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

  it("ends its loop and whoever waits for it when its signal is aborted", async () => {
    const controller = new AbortController()
    const run = rgrid.batch({ code: waits, over: "{1..3}", signal: controller.signal, ...python, ...stays, ...here })
    const { id } = await run.submitted()
    const reading = refusalOf((async () => {
      for await (const _ of run) continue
    })())
    const waiting = refusalOf(run.wait())
    const reason = new Error("enough")
    controller.abort(reason)
    expect([await waiting, await reading]).toEqual([reason, reason])
    const found = rgrid.batchOf(id, here)
    expect((await found.progress()).status).toBe("running")
    expect(await found.cancel()).toMatchObject({ halted: "canceled" })
    expect((await found.wait()).canceled).toBe(3)
  })
})
