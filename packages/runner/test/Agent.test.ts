import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { decode } from "rgrid/domain/LogFrame"
import { SandboxError, SlotLost, StartRefused } from "rgrid/ports/Sandbox"
import { Memory, sha256 } from "./fixtures/FakeServer.ts"
import { assignment, contentOf, input } from "./fixtures/jobs.ts"
import * as runner from "./fixtures/runner.ts"
import { waitUntil } from "./fixtures/waitUntil.ts"

const textOf = (log: Uint8Array, stream: "stdout" | "stderr" = "stdout"): string =>
  Buffer.concat(decode(log).frames.filter((frame) => frame.stream === stream).map((frame) => frame.bytes)).toString()

describe("the agent", () => {
  it.live("runs what it is given and settles with outputs, log and exit code", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make((stage) =>
        Effect.gen(function*() {
          yield* stage.print("hello\n")
          yield* stage.print("oops\n", "stderr")
          yield* Effect.promise(async () => {
            const text = await readFile(join(stage.workspace, "in/data.txt"), "utf8")
            await mkdir(join(stage.workspace, "out"))
            await writeFile(join(stage.workspace, "out/result.txt"), text.toUpperCase())
            await rm(join(stage.workspace, "gone.txt"))
          })
          return { code: 3 }
        })
      )
      const job = assignment({
        files: [input(memory, "hello.py", "pass"), input(memory, "in/data.txt", "abc"), input(memory, "gone.txt", "")],
        args: ["in/data.txt"],
        env: { A: "1" }
      })
      yield* server.assign(job)
      const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.strictEqual(settled.state, "failed")
      assert.deepStrictEqual(settled.failure, { _tag: "ScriptExited", code: 3, tail: "oops" })
      assert.strictEqual(settled.exitCode, 3)
      assert.deepStrictEqual(settled.usage, { cpuMicros: 10, peakMemoryBytes: 1024 })
      assert.hasAllKeys(settled.phases, ["prepareMillis", "slotMillis", "inputsMillis", "runMillis", "outputsMillis"])
      assert.deepStrictEqual(settled.manifest.outputs.map(({ path, type }) => [path, type]), [
        ["out", "directory"],
        ["out/result.txt", "file"]
      ])
      assert.deepStrictEqual(settled.manifest.deleted, ["gone.txt"])
      assert.strictEqual(memory.objects.get(contentOf("ABC").sha256)?.toString(), "ABC")
      const whole = memory.whole(job.execution)
      assert.strictEqual(textOf(whole), "hello\n")
      assert.strictEqual(textOf(whole, "stderr"), "oops\n")
      assert.deepStrictEqual(
        { ...settled.log, tail: undefined },
        { stdoutBytes: 6, stderrBytes: 5, length: whole.length, sha256: sha256(whole), tail: undefined }
      )
      assert.strictEqual(theatre.prepared >= 1, true)
    }))

  it.live("tells with its end what is over soon, and not before that it began", () =>
    Effect.gen(function*() {
      const { memory, server } = yield* runner.make(() => Effect.succeed({ code: 0 }))
      const isTold = Effect.gen(function*() {
        const job = assignment()
        yield* server.assign(job)
        yield* waitUntil("settled", () => memory.settled.get(job.execution))
        return memory.started.includes(job.execution)
      })
      // On a busy machine none is over soon: one of many is.
      yield* Effect.repeat(isTold, { while: (told) => told, times: 100 })
      assert.isBelow(memory.started.length, memory.settled.size)
    }))

  it.live("asks for as many as it has free, and again when one ended", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make((stage) => Effect.asVoid(stage.signaled))
      assert.strictEqual(memory.latest("Ask")?.free, 2)
      const job = assignment()
      yield* server.assign(job)
      yield* waitUntil("running", () => theatre.running === 1)
      yield* waitUntil("asks for one", () => memory.latest("Ask")?.free === 1)
      yield* waitUntil("told that it began", () => memory.started.includes(job.execution))
      yield* server.tell({ _tag: "Cancel", execution: job.execution })
      yield* waitUntil("asks for two", () => memory.latest("Ask")?.free === 2)
    }))

  it.live("cancels by asking the script to end, and says it was canceled", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make((stage) => Effect.as(stage.signaled, { code: 0 }))
      const job = assignment()
      yield* server.assign(job)
      yield* waitUntil("running", () => theatre.running === 1)
      memory.cancelRequested.add(job.execution)
      const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.deepStrictEqual(
        [settled.state, settled.failure, settled.exitCode],
        ["canceled", { _tag: "Canceled" }, null]
      )
      assert.deepStrictEqual(theatre.signals, [15])
    }))

  it.live("ends a script whose time is over", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make((stage) =>
        Effect.as(stage.signaled, { signal: 15, code: null })
      )
      const job = assignment({ timeoutSeconds: 1 })
      yield* server.assign(job)
      const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.deepStrictEqual(
        [settled.state, settled.failure, settled.exitCode],
        ["timed_out", { _tag: "TimedOut", seconds: 1 }, null]
      )
      assert.deepStrictEqual(theatre.signals, [15])
    }))

  it.live("stops what it no longer holds, and never speaks of it again", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make(() => Effect.never)
      const job = assignment()
      yield* server.assign(job)
      yield* waitUntil("running", () => theatre.running === 1)
      memory.notHeld.add(job.execution)
      yield* waitUntil("the script is dead", () => theatre.running === 0 && theatre.destroyed === 1)
      yield* waitUntil("asks for two", () => memory.latest("Ask")?.free === 2)
      assert.strictEqual(memory.settled.size + memory.lost.size, 0)
    }))

  it.live("renews while a script runs, and moves its slot's deadline", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make((stage) => Effect.asVoid(stage.signaled))
      const job = assignment()
      yield* server.assign(job)
      yield* waitUntil("two extensions", () => theatre.extensions.length >= 2)
      assert.deepStrictEqual(memory.latest("Renew")?.attempts, [{ execution: job.execution, fence: 1 }])
    }))

  it.live("loses nothing while the server is away", () =>
    Effect.gen(function*() {
      const job = assignment()
      const lines = Array.from({ length: 40 }, (_, index) => `line ${index}\n`)
      const memory = new Memory()
      const { server } = yield* runner.make((stage) =>
        Effect.andThen(
          Effect.forEach(lines, (line) => Effect.andThen(stage.print(line), Effect.sleep("20 millis")), {
            discard: true
          }),
          Effect.asVoid(waitUntil("the runner is back", () => memory.count("Hello") === 2))
        ), {}, memory)
      yield* server.assign(job)
      yield* waitUntil("some lines arrived", () => textOf(memory.log(job.execution)).includes("line 3"))
      yield* server.stop
      yield* Effect.sleep("1500 millis")
      yield* server.start
      const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.strictEqual(settled.state, "completed")
      assert.strictEqual(textOf(memory.whole(job.execution)), lines.join(""))
      assert.strictEqual(settled.log.sha256, sha256(memory.whole(job.execution)))
      assert.deepStrictEqual(memory.latest("Hello")?.running, [{ execution: job.execution, fence: 1 }])
    }), 30_000)

  it.live("sends a log again from where the server's ends", () =>
    Effect.gen(function*() {
      const memory = new Memory()
      const job = assignment()
      const { server } = yield* runner.make((stage) =>
        Effect.gen(function*() {
          yield* stage.print("first\n")
          yield* waitUntil("the first line arrived", () => textOf(memory.log(job.execution)) === "first\n")
          // The server's memory died.
          memory.logs.clear()
          yield* stage.print("second\n")
          yield* waitUntil("both arrived", () => textOf(memory.log(job.execution)) === "first\nsecond\n")
          memory.logs.clear()
        }), {}, memory)
      yield* server.assign(job)
      yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.strictEqual(textOf(memory.whole(job.execution)), "first\nsecond\n")
    }))

  it.live("repeats nothing when an append's answer was lost", () =>
    Effect.gen(function*() {
      const memory = new Memory()
      memory.lostAnswers = 2
      const job = assignment()
      const { server } = yield* runner.make((stage) =>
        Effect.gen(function*() {
          yield* stage.print("first\n")
          yield* waitUntil("the first line arrived", () => memory.logLength(job.execution) > 0)
          yield* stage.print("second\n")
        }), {}, memory)
      yield* server.assign(job)
      const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.strictEqual(textOf(memory.whole(job.execution)), "first\nsecond\n")
      assert.strictEqual(settled.log.sha256, sha256(memory.whole(job.execution)))
    }))

  it.live("tries a store again that fails for a moment, for inputs and outputs", () =>
    Effect.gen(function*() {
      const memory = new Memory()
      const { server } = yield* runner.make((stage) =>
        Effect.promise(async () => {
          const text = await readFile(join(stage.workspace, "in"), "utf8")
          await writeFile(join(stage.workspace, "out"), text + text)
          memory.objectFailures = 2
        }), {}, memory)
      memory.objectFailures = 2
      const job = assignment({ files: [input(memory, "in", "abc")] })
      yield* server.assign(job)
      const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.strictEqual(settled.state, "completed")
      assert.strictEqual(memory.objects.get(contentOf("abcabc").sha256)?.toString(), "abcabc")
    }))

  it.live("loses an attempt whose inputs are not what they should be, and runs nothing", () =>
    Effect.gen(function*() {
      const { memory, server, theatre } = yield* runner.make(() => Effect.die("it must not run"))
      const file = input(memory, "in", "abc")
      memory.objects.set(file.content.sha256, Buffer.from("abd"))
      const job = assignment({ files: [file] })
      yield* server.assign(job)
      assert.match(yield* waitUntil("lost", () => memory.lost.get(job.execution)), /damaged/)
      yield* waitUntil("its slot is gone", () => theatre.destroyed === 1)
    }))

  it.live("cancels before the script starts without running it", () =>
    Effect.gen(function*() {
      const { memory, server } = yield* runner.make(() => Effect.die("it must not run"))
      memory.objectFailures = 1000
      const job = assignment({ files: [input(memory, "in", "abc")] })
      yield* server.assign(job)
      yield* server.tell({ _tag: "Cancel", execution: job.execution })
      const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.deepStrictEqual([settled.state, settled.log.length, settled.manifest.outputs], ["canceled", 0, []])
    }))

  it.live("masks secrets before they leave the machine", () =>
    Effect.gen(function*() {
      const { memory, server } = yield* runner.make((stage) =>
        Effect.gen(function*() {
          yield* stage.print("key: correct ho")
          yield* stage.print("rse!\n")
        })
      )
      const job = assignment({ secrets: { KEY: "correct horse" } })
      yield* server.assign(job)
      yield* waitUntil("settled", () => memory.settled.get(job.execution))
      assert.strictEqual(textOf(memory.whole(job.execution)), "key: ***!\n")
    }))

  it.live("tells a script that could not start from a slot that broke", () =>
    Effect.gen(function*() {
      const refused = new SandboxError({ reason: new StartRefused({ program: "python3", code: "ENOENT" }) })
      const broke = new SandboxError({ reason: new SlotLost({ slot: "s", detail: "killed" }) })
      const { memory, server } = yield* runner.make((stage) =>
        Effect.fail(stage.start.env["WHICH"] === "refused" ? refused : broke)
      )
      const first = assignment({ env: { WHICH: "refused" } })
      const second = assignment({ env: { WHICH: "broke" } })
      yield* server.assign(first, second)
      const settled = yield* waitUntil("settled", () => memory.settled.get(first.execution))
      assert.strictEqual(settled.failure?._tag, "InterpreterMissing")
      assert.match(yield* waitUntil("lost", () => memory.lost.get(second.execution)), /killed/)
    }))

  it.live("does not run more at a time than it has slots, whatever it is given", () =>
    Effect.gen(function*() {
      let most = 0
      let running = 0
      const { memory, server } = yield* runner.make(() =>
        Effect.sync(() => most = Math.max(most, ++running)).pipe(
          Effect.andThen(Effect.sleep("30 millis")),
          Effect.ensuring(Effect.sync(() => running--))
        )
      )
      const jobs = Array.from({ length: 6 }, () => assignment())
      yield* server.assign(...jobs)
      yield* waitUntil("all settled", () => jobs.every((job) => memory.settled.has(job.execution)))
      assert.strictEqual(most, 2)
    }))

  it.live("interrupted, kills its scripts, says they are lost, and leaves no slot", () =>
    Effect.gen(function*() {
      const { interrupt, memory, server, settings, theatre } = yield* runner.make(() => Effect.never)
      const job = assignment()
      yield* server.assign(job)
      yield* waitUntil("running", () => theatre.running === 1)
      yield* interrupt
      assert.strictEqual(theatre.running, 0)
      assert.strictEqual(theatre.destroyed, theatre.prepared)
      assert.strictEqual(memory.lost.get(job.execution), "The runner was stopped.")
      assert.strictEqual(memory.settled.size, 0)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(settings.stateDirectory, "spool"))), [])
    }))
})
