/** Programs written against `rgrid/effect`, over a grid in memory. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as rgrid from "rgrid/effect"
import { memory, type MemoryJob, type MemoryScript } from "rgrid/effect/testing"

const place = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rgrid-memory-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Echoes what it is given; one that is named `fail` fails. */
const echo: MemoryScript = ({ args, script }) =>
  script === "fail.py" || args.includes("bad")
    ? { exitCode: 3, stderr: "no\n" }
    : { stdout: `${args.join(" ")}\n`, outputs: { "out/a.txt": args.join(" ") } }

const stays = { outputDirectory: false } as const
const text = (chunks: Iterable<rgrid.LogChunk>) => Buffer.concat(Array.from(chunks, ({ bytes }) => bytes)).toString()

describe("a script in memory", () => {
  it.effect("is given what the call says", () => {
    const jobs: Array<MemoryJob> = []
    const script: MemoryScript = (job) => {
      jobs.push(job)
      return {}
    }
    const stdin = "in\n"
    return Effect.gen(function*() {
      yield* rgrid.run("a.py", ["x"], { env: { A: "1" }, secrets: { B: "2" }, stdin, inputs: { "in.json": "{}" }, ...stays })
      yield* rgrid.run({ code: "print()", runtime: "python:3.11", args: ["y"], ...stays })
      const [one, two] = jobs
      assert.deepStrictEqual([one!.script, one!.args, one!.env, one!.stdin], ["a.py", ["x"], { A: "1", B: "2" }, stdin])
      assert.deepStrictEqual([one!.code, one!.inputs, one!.item], [null, { "in.json": "{}" }, null])
      assert.deepStrictEqual([two!.code, two!.runtime, two!.args], ["print()", "python:3.11", ["y"]])
    }).pipe(Effect.provide(memory(script)))
  })

  it.effect("gives its output, and its files where the real ones are brought", () =>
    Effect.gen(function*() {
      const cwd = yield* place
      const result = yield* rgrid.run("a.py", ["hello"], { cwd })
      assert.deepStrictEqual([result.status, result.exitCode, result.stdout], ["completed", 0, "hello\n"])
      assert.deepStrictEqual(result.outputs, [{ path: "out/a.txt", bytes: 5 }])
      assert.strictEqual(readFileSync(join(cwd, "out/a.txt"), "utf8"), "hello")
    }).pipe(Effect.scoped, Effect.provide(memory(echo))))

  it.effect("fails as a result of the same shape", () =>
    Effect.gen(function*() {
      const good = yield* rgrid.run("a.py", [], stays)
      const bad = yield* rgrid.run("fail.py", [], stays)
      assert.deepStrictEqual(Object.keys(bad).toSorted(), Object.keys(good).toSorted())
      assert.deepStrictEqual([bad.status, bad.exitCode, bad.stderr], ["failed", 3, "no\n"])
      assert.deepStrictEqual(bad.failure, { _tag: "ScriptExited", code: 3, tail: "no" })
    }).pipe(Effect.provide(memory(echo))))

  it.effect("can be one that can't be made", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(rgrid.run("a.py"))
      assert.strictEqual(error._tag, "ServerUnreachable")
      assert.lengthOf(yield* rgrid.list(), 0)
    }).pipe(Effect.provide(memory(() => Effect.fail(new rgrid.Errors.ServerUnreachable({ url: "u", detail: "d" }))))))

  it.effect("refuses options as the real one does", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(rgrid.run("a.py", [], { cpu: 0 }))
      assert.strictEqual(error._tag, "OptionRefused")
    }).pipe(Effect.provide(memory(echo))))
})

describe("an execution in memory", () => {
  it.effect("runs until the test says so, and is canceled", () =>
    Effect.gen(function*() {
      const go = yield* Deferred.make<void>()
      yield* Effect.gen(function*() {
        const one = yield* rgrid.submit("a.py", [], stays)
        const other = yield* rgrid.submit("a.py", [], stays)
        yield* Effect.yieldNow
        assert.strictEqual((yield* one.status).status, "running")
        assert.strictEqual((yield* other.cancel).status, "canceled")
        yield* Deferred.succeed(go, undefined)
        assert.strictEqual((yield* one.wait).stdout, "late")
        assert.deepStrictEqual((yield* other.wait).failure, { _tag: "Canceled" })
      }).pipe(Effect.provide(memory(() => Effect.as(Deferred.await(go), { stdout: "late" }))))
    }))

  it.effect("is the same one under the same key", () =>
    Effect.gen(function*() {
      const one = yield* rgrid.submit("a.py", [], { idempotencyKey: "k", ...stays })
      const same = yield* rgrid.submit("a.py", [], { idempotencyKey: "k", ...stays })
      const other = yield* rgrid.submit("a.py", [], stays)
      assert.strictEqual(same.id, one.id)
      assert.notStrictEqual(other.id, one.id)
    }).pipe(Effect.provide(memory(echo))))

  it.effect("has a log that goes on behind any chunk", () =>
    Effect.gen(function*() {
      const { id } = yield* rgrid.submit("a.py", [], stays)
      const all = yield* Stream.runCollect(rgrid.logs(id))
      assert.strictEqual(text(all), "one\ntwo\nthree")
      for (const [index, { cursor }] of all.entries()) {
        const rest = yield* Stream.runCollect(rgrid.logs(id, cursor))
        assert.strictEqual(text(rest), text(all.slice(index + 1)))
      }
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(rgrid.logs(id, "nonsense"))))._tag, "OptionRefused")
    }).pipe(Effect.provide(memory(() => ({ stdout: "one\ntwo\n", stderr: "three" })))))

  it.effect("is found, run again and removed", () =>
    Effect.gen(function*() {
      const first = yield* rgrid.run("a.py", ["x"], { metadata: { for: "test" }, ...stays })
      yield* rgrid.run("b.py", [], stays)
      const found = yield* rgrid.list({ metadata: { for: "test" } })
      assert.deepStrictEqual(found.map(({ id }) => id), [first.id])
      const again = yield* rgrid.retry(first.id)
      assert.deepStrictEqual([again.retryOf, again.args], [first.id, ["x"]])
      yield* rgrid.remove(first.id)
      assert.strictEqual((yield* Effect.flip(rgrid.status(first.id)))._tag, "ExecutionUnknown")
    }).pipe(Effect.provide(memory(echo))))
})

describe("what the real one refuses", () => {
  const tagOf = <A, R>(effect: Effect.Effect<A, rgrid.Errors.ClientError, R>) => Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

  it.effect("is a key that stood for another job", () =>
    Effect.gen(function*() {
      const key = { idempotencyKey: "k", ...stays }
      const one = yield* rgrid.submit("a.py", ["x"], { metadata: { commit: "1" }, ...key })
      assert.strictEqual((yield* rgrid.submit("a.py", ["x"], { metadata: { commit: "2" }, ...key })).id, one.id)
      assert.strictEqual(yield* tagOf(rgrid.submit("a.py", ["y"], key)), "IdempotencyKeyReused")
      assert.strictEqual(yield* tagOf(rgrid.submit("a.py", ["x"], { memory: 2 ** 30, ...key })), "IdempotencyKeyReused")
      yield* one.wait
      assert.strictEqual(yield* tagOf(rgrid.retry(one.id, { idempotencyKey: "k" })), "IdempotencyKeyReused")
      const batch = yield* rgrid.batch("a.py", [], { over: ["1", "2"], ...key })
      assert.strictEqual((yield* rgrid.batch("a.py", [], { over: ["1", "2"], ...key })).id, batch.id)
      assert.strictEqual(yield* tagOf(rgrid.batch("a.py", [], { over: ["1"], ...key })), "IdempotencyKeyReused")
      assert.strictEqual(yield* tagOf(rgrid.batch("a.py", [], { over: ["1", "2"], parallel: 1, ...key })), "IdempotencyKeyReused")
    }).pipe(Effect.scoped, Effect.provide(memory(echo))))

  it.effect("is a retry of what still runs, or with what can't be", () =>
    Effect.gen(function*() {
      const { id } = yield* rgrid.submit("a.py", [], stays)
      assert.strictEqual(yield* tagOf(rgrid.retry(id)), "ExecutionUnended")
      assert.strictEqual(yield* tagOf(rgrid.retry(id, { cpu: -1 })), "OptionRefused")
      assert.strictEqual(yield* tagOf(rgrid.retry(id, { timeout: 0 })), "OptionRefused")
    }).pipe(Effect.provide(memory(() => Effect.never))))

  it.effect("is a list of too many, days that are none, and a batch of nothing", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tagOf(rgrid.list({ limit: 5000 })), "OptionRefused")
      assert.strictEqual(yield* tagOf(rgrid.cost({ days: 0 })), "OptionRefused")
      assert.strictEqual(yield* tagOf(rgrid.cost({ from: "2026-02-30" })), "GridRefused")
      assert.strictEqual(yield* tagOf(Effect.scoped(rgrid.batch("a.py", [], { over: [] }))), "BatchEmpty")
    }).pipe(Effect.provide(memory(echo))))
})

it.effect("executions in memory cost what they cost on the days asked for", () =>
  Effect.gen(function*() {
    for (const day of ["2026-01-30", "2026-02-01", "2026-02-02"]) {
      yield* TestClock.setTime(Date.parse(`${day}T12:00:00Z`))
      yield* rgrid.run("a.py", [], stays)
    }
    const cost = Effect.fnUntraced(function*(settings: rgrid.CostSettings) {
      const { rows, total } = yield* rgrid.cost({ timeZone: "UTC", ...settings })
      return [...rows.map(({ date, executions, micros }) => [date, executions, micros]), total.micros]
    })
    assert.deepStrictEqual(yield* cost({ days: 2 }), [["2026-02-01", 1, 5], ["2026-02-02", 1, 5], 10])
    assert.deepStrictEqual(yield* cost({ from: "2026-01-01", to: "2026-02-01", by: "month" }), [["2026-01", 1, 5], ["2026-02", 1, 5], 10])
  }).pipe(Effect.provide(memory(() => ({ cost: 5 })))))

it.effect("executions in memory are found by what their status says", () =>
  Effect.gen(function*() {
    const late = yield* rgrid.run("a.py", [], stays)
    assert.strictEqual(late.status, "timed out")
    for (const status of ["timed out", "timed_out"] as const) {
      assert.deepStrictEqual((yield* rgrid.list({ status })).map(({ id }) => id), [late.id])
    }
    assert.lengthOf(yield* rgrid.list({ status: "failed" }), 0)
  }).pipe(Effect.provide(memory(() => ({ failure: { _tag: "TimedOut", seconds: 1 } })))))

describe("a batch in memory", () => {
  it.effect("gives each item's result, failed ones too, and sums them up", () =>
    Effect.gen(function*() {
      const run = yield* rgrid.batch("a.py", ["{name}", "{size}"], {
        over: [{ name: "good", size: 1 }, { name: "bad", size: 2 }, { name: "better", size: 3 }],
        output: true,
        ...stays
      })
      const results = yield* Stream.runCollect(run.results)
      const byItem = Object.fromEntries(results.map(({ exitCode, item, stdout }) => [item, [exitCode, stdout]]))
      assert.deepStrictEqual(byItem, { "good 1": [0, "good 1\n"], "bad 2": [3, ""], "better 3": [0, "better 3\n"] })
      const summary = yield* run.wait
      assert.deepStrictEqual([summary.total, summary.completed, summary.failed, summary.ok], [3, 2, 1, true])
      assert.deepStrictEqual(summary.causes.map(({ count, message }) => [count, message]), [[1, "The script exited with code 3. no"]])
      assert.deepStrictEqual(summary.failures.map(({ batch }) => batch?.label), ["bad 2"])
    }).pipe(Effect.scoped, Effect.provide(memory(echo))))

  it.effect("writes each item's files into a folder of its name", () =>
    Effect.gen(function*() {
      const cwd = yield* place
      const run = yield* rgrid.batch("a.py", [], { cwd, over: "{1..2}" })
      assert.deepStrictEqual((yield* run.wait).written, { files: 2, bytes: 2 })
      assert.strictEqual(readFileSync(join(cwd, "outputs/2/out/a.txt"), "utf8"), "2")
    }).pipe(Effect.scoped, Effect.provide(memory(echo))))

  it.effect("ends early by its halt", () =>
    Effect.gen(function*() {
      const run = yield* rgrid.batch("a.py", [], { over: ["1", "bad", "3", "4"], parallel: 1, halt: "soon,fail=1", failOn: "any", ...stays })
      const { canceled, completed, failed, halted, ok } = yield* run.wait
      assert.deepStrictEqual({ canceled, completed, failed, halted, ok }, { canceled: 2, completed: 1, failed: 1, halted: "halt", ok: false })
    }).pipe(Effect.scoped, Effect.provide(memory(echo))))

  it.effect("leaves out what it completed before, and is found by its id", () =>
    Effect.gen(function*() {
      const first = yield* rgrid.batch("a.py", [], { over: ["1", "bad"], ...stays })
      yield* first.wait
      const second = yield* rgrid.batch("a.py", [], { over: ["1", "bad"], resume: true, ...stays })
      assert.deepStrictEqual([(yield* second.submitted).skipped, (yield* second.wait).total], [1, 1])
      yield* TestClock.setTime(Date.UTC(2026, 0, 1))
      const none = yield* rgrid.batch("a.py", [], { over: ["1"], resume: true, ...stays })
      const { createdAt, endedAt, total } = yield* none.wait
      assert.deepStrictEqual([total, createdAt, endedAt], [0, new Date(Date.UTC(2026, 0, 1)), new Date(Date.UTC(2026, 0, 1))])
      const found = yield* rgrid.batchOf(first.id)
      assert.strictEqual((yield* found.progress).failed, 1)
    }).pipe(Effect.scoped, Effect.provide(memory(echo))))

  it.effect("is canceled", () =>
    Effect.gen(function*() {
      const run = yield* rgrid.batch("a.py", [], { over: "{1..20}", parallel: 2, ...stays })
      const waiting = yield* Effect.forkChild(run.wait)
      yield* Effect.yieldNow
      yield* run.cancel
      assert.strictEqual((yield* Fiber.join(waiting)).canceled, 20)
      const ends = yield* Stream.runCollect(run.results)
      assert.isTrue(ends.every(({ failure }) => failure?._tag === "Canceled"))
    }).pipe(Effect.scoped, Effect.provide(memory(() => Effect.never))))
})
