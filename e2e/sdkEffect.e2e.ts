/** The built `rgrid/effect`: one program, over a real grid and over one in memory, sees the same. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type * as Declared from "rgrid/effect"
import type * as Testing from "rgrid/effect/testing"
import { TestGrid } from "./harness.ts"

const built = (name: string): string => new URL(`../packages/core/dist/${name}.js`, import.meta.url).href
const rgrid: typeof Declared = await import(built("effect"))
const { memory }: typeof Testing = await import(built("effectTesting"))

const grid = new TestGrid()
/** Where the library keeps for a while what is no file. */
const kept = grid.workplace()
beforeAll(() => {
  process.env["TMPDIR"] = kept
  return grid.up("process")
})
afterAll(() => grid.down())

const code = `import sys
print("hello", *sys.argv[1:], sys.stdin.read(), flush=True)
print("on stderr", file=sys.stderr)
open("out.txt", "w").write(sys.argv[1])
sys.exit(4 if sys.argv[1] == "bad" else 0)
`

const inMemory = memory(({ args, stdin }) => ({
  stdout: `hello ${args.join(" ")} ${stdin}\n`,
  stderr: "on stderr\n",
  outputs: { "out.txt": args[0]! },
  exitCode: args[0] === "bad" ? 4 : 0
}))

const real = Layer.unwrap(Effect.sync(() => {
  const { key: apiKey, url } = grid.file()
  return rgrid.layer({ url, apiKey })
}))

const python = { code, runtime: "python:3.11" } as const
const text = (chunks: Iterable<Declared.LogChunk>) => Buffer.concat(Array.from(chunks, ({ bytes }) => bytes)).toString()

/** What does not depend on when and where. */
const told = ({ args, exitCode, failure, outputs, script, status, stderr, stdout }: Declared.RunResult) =>
  ({ args, exitCode, failure: failure?._tag, outputs, script, status, stderr, stdout })

const programs: Readonly<Record<string, (cwd: string) => Effect.Effect<unknown, Declared.Errors.ClientError, Declared.Grid>>> = {
  "runs a script": (cwd: string) =>
    Effect.map(rgrid.run({ ...python, name: "a.py", args: ["you"], stdin: "in", cwd }), (result) =>
      [told(result), readFileSync(join(cwd, "out.txt"), "utf8")]),
  "has a failure as a result": (cwd: string) =>
    Effect.map(rgrid.run({ ...python, name: "a.py", args: ["bad"], cwd }), told),
  "submits, reads, looks and fetches": (cwd: string) =>
    Effect.gen(function*() {
      const handle = yield* rgrid.submit({ ...python, name: "a.py", args: ["x"], cwd })
      const chunks = yield* Stream.runCollect(handle.logs())
      const last = chunks.at(-1)!
      const rest = yield* Stream.runCollect(rgrid.logs(handle.id, last.cursor))
      const { status } = yield* rgrid.status(handle.id)
      const result = told(yield* handle.wait)
      return [result, text(chunks), text(rest), status, yield* rgrid.outputs(handle.id), yield* rgrid.download(handle.id, join(cwd, "to"))]
    }),
  "runs a batch": (cwd: string) =>
    Effect.gen(function*() {
      const run = yield* rgrid.batch({ ...python, name: "a.py", args: ["{v}"], over: [{ v: "one" }, { v: "bad" }], cwd, output: true })
      const results = yield* Stream.runCollect(run.results)
      const { causes, completed, failed, failures, ok, total, written } = yield* run.wait
      return {
        results: results.map(({ exitCode, item, outputs, stdout }) => [item, exitCode, stdout, outputs]).toSorted(),
        causes: causes.map(({ count, message }) => [count, message]),
        failures: failures.map(({ batch, exitCode }) => [batch?.label, exitCode]),
        sums: { completed, failed, ok, total, written }
      }
    }).pipe(Effect.scoped),
  "has a batch as a stream of results": (cwd: string) =>
    Effect.map(
      Stream.runCollect(rgrid.batchResults({ ...python, over: "{1..3}", cwd, outputDirectory: false })),
      (results) => results.map(({ item, status }) => [item, status]).toSorted()
    ),
  "is told what can't be": () =>
    Effect.gen(function*() {
      const calls = [
        rgrid.status("exec_00000000000000000000000000"),
        rgrid.run({ ...python, retries: -1 }),
        Effect.scoped(rgrid.batch({ ...python, over: "none/*.csv" }))
      ]
      const said = (error: Declared.Errors.ClientError) => Effect.succeed([error._tag, ...Object.values(rgrid.explain(error))])
      return yield* Effect.forEach(calls, (call: Effect.Effect<unknown, Declared.Errors.ClientError, Declared.Grid>) =>
        Effect.catch(Effect.as(call, ["none"]), said))
    }),
  "finds what it ran by its metadata": (cwd: string) =>
    Effect.gen(function*() {
      const { id } = yield* rgrid.run({ ...python, args: ["x"], cwd, metadata: { found: "by" } })
      return (yield* rgrid.list({ metadata: { found: "by" }, status: "completed" })).map((found) => found.id === id)
    })
}

describe.each(Object.entries(programs))("a program that %s", (_name, program) => {
  it("sees the same on a real grid and in memory", async () => {
    const onGrid = await Effect.runPromise(Effect.provide(program(grid.workplace()), real))
    const here = await Effect.runPromise(Effect.provide(program(grid.workplace()), inMemory))
    expect(here).toEqual(onGrid)
  })
})

describe("a layer", () => {
  it("leaves what runs on the grid when its program is interrupted", async () => {
    const waits = "import time; print('begun', flush=True); time.sleep(600)"
    const status = await Effect.gen(function*() {
      const handle = yield* rgrid.submit({ code: waits, runtime: "python:3.11", outputDirectory: false })
      const heard = yield* Deferred.make<void>()
      const waiting = yield* rgrid.execution(handle.id, { onStdout: () => Deferred.doneUnsafe(heard, Effect.void) })
      const fiber = yield* Effect.forkChild(waiting.wait)
      yield* Deferred.await(heard)
      yield* Fiber.interrupt(fiber)
      const before = (yield* handle.status).status
      yield* handle.cancel
      return [before, (yield* handle.wait).status]
    }).pipe(Effect.provide(real), Effect.runPromise)
    expect(status[0]).toBe("running")
    expect(status[1]).toBe("canceled")
  })

  it("keeps what is no file here for as long as a batch's scope, not its own", async () => {
    const left = () => readdirSync(kept).filter((name) => name.startsWith("rgrid-"))
    const [during, after] = await Effect.gen(function*() {
      const during = yield* Effect.scoped(Effect.gen(function*() {
        const run = yield* rgrid.batch({ code: "pass", runtime: "python:3.11", inputs: { "a.txt": "a" }, over: "{1..2}", outputDirectory: false })
        yield* run.submitted
        return left()
      }))
      return [during, left()]
    }).pipe(Effect.provide(real), Effect.runPromise)
    expect(during?.length).toBeGreaterThan(0)
    expect(after).toEqual([])
  })

  it("is that of the environment, and of nothing else", async () => {
    const asked = () => Effect.runPromise(Effect.flip(Effect.provide(rgrid.list(), rgrid.layerFromEnvironment)))
    delete process.env["RGRID_URL"]
    delete process.env["RGRID_API_KEY"]
    expect(rgrid.explain(await asked()).what).toBe("RGRID_URL and RGRID_API_KEY are not set.")
    process.env["RGRID_URL"] = grid.file().url
    process.env["RGRID_API_KEY"] = `rgrid_live_${"0".repeat(56)}`
    expect((await asked())._tag).toBe("KeyRefused")
  })
})
