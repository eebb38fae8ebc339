/** By itself, by a signal, at its deadline; and what is left then. */
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { SlotRun } from "../../ports/Sandbox.ts"
import { collect, type Helpers, type Methods, python } from "./helpers.ts"

const linesOf = (run: SlotRun) =>
  run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.splitLines)

export const ending = (it: Methods, { begin, execute }: Helpers) => {
  it.effect("does not wait for processes left behind that hold the output", () =>
    Effect.gen(function*() {
      const [lasted, { exit, stdout }] = yield* Effect.timed(
        execute(["sh", "-c", "(setsid sh -c 'trap \"\" TERM HUP; sleep 300' &) ; echo done; exit 4"])
      )
      assert.strictEqual(exit.code, 4)
      assert.strictEqual(stdout.toString(), "done\n")
      assert.isBelow(Duration.toSeconds(lasted), 30)
    }), 60_000)

  it.effect("sends TERM, which a script may ignore, and then 9, which takes the whole tree", () =>
    Effect.gen(function*() {
      const source = "trap 'echo caught' TERM; (trap '' TERM; sleep 300) & echo ready; while :; do sleep 0.05; done"
      const { run } = yield* begin(["sh", "-c", source])
      const seen: Array<string> = []
      yield* Stream.runForEach(linesOf(run), (line) => {
        seen.push(line)
        return line === "ready" ? run.signal(15) : line === "caught" ? run.signal(9) : Effect.void
      })
      assert.includeMembers(seen, ["ready", "caught"])
      assert.strictEqual((yield* run.exit).signal, 9)
      yield* run.signal(9)
    }))

  it.effect("kills everything at the deadline and says so", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "trap '' TERM; sleep 300 & sleep 300"], {
        deadline: Duration.millis(300)
      })
      assert.deepInclude(exit, { code: null, signal: 9, reason: "deadline" })
    }))

  it.effect("lives on when the deadline is moved", () =>
    Effect.gen(function*() {
      const { run } = yield* begin(["sh", "-c", "sleep 0.8; echo alive"], { deadline: Duration.millis(500) })
      yield* run.extend(Duration.seconds(30))
      assert.strictEqual((yield* collect(run)).stdout.toString(), "alive\n")
      assert.strictEqual((yield* run.exit).reason, "exited")
    }))

  it.effect("shows the files the script wrote, after its exit, and lets it change those it was given", () =>
    Effect.gen(function*() {
      const fill = (workspace: string) => writeFile(join(workspace, "given"), "1", { mode: 0o644 })
      const { exit, slot } = yield* execute(["sh", "-c", "mkdir a && echo -n ü > a/b && echo -n 2 >> given"], { fill })
      assert.strictEqual(exit.code, 0)
      const read = (name: string) => Effect.promise(() => readFile(join(slot.workspace, name), "utf8"))
      assert.strictEqual(yield* read("a/b"), "ü")
      assert.strictEqual(yield* read("given"), "12")
    }))

  it.effect("tells what the script used", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(python("b=bytearray(60_000_000)\nfor _ in range(3_000_000): pass"))
      assert.isAbove(exit.peakMemoryBytes ?? 0, 50_000_000)
      assert.isAbove(exit.cpuMicros, 30_000)
    }))
}
