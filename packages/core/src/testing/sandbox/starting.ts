/** How a script begins, and how its end is told. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Sandbox } from "../../ports/Sandbox.ts"
import { type Helpers, type Methods, path, printed, python } from "./helpers.ts"

export const starting = (it: Methods, { begin, execute, options }: Helpers) => {
  it.effect("is fetching nothing once its slot is there, and tells what its image sets as variables", () =>
    Effect.gen(function*() {
      const { pulling } = yield* Sandbox
      const { slot } = yield* begin(["/bin/true"])
      assert.isNull(yield* pulling(options.image))
      if (slot.digest !== null) assert.match(slot.digest, /^\S+$/)
      for (const name of Object.keys(slot.environment)) assert.match(name, /^[^=\0]+$/)
    }).pipe(Effect.scoped))

  it.effect("reports the exit status", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "exit 7"])
      assert.deepStrictEqual({ ...exit, peakMemoryBytes: 0, cpuMicros: 0 }, {
        code: 7,
        signal: null,
        reason: "exited",
        oomKilled: false,
        peakMemoryBytes: 0,
        cpuMicros: 0
      })
    }))

  it.effect("reports the signal that ended the script, leaving 128 + n to the caller", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "kill -TERM $$"])
      assert.strictEqual(exit.code, null)
      assert.strictEqual(exit.signal, 15)
      assert.strictEqual((yield* execute(["sh", "-c", "exit 143"])).exit.code, 143)
    }))

  it.effect("passes arguments, environment and working directory as they are", () =>
    Effect.gen(function*() {
      const source = "import json,os,sys;print(json.dumps([sys.argv[1:],dict(os.environ),os.getcwd()]))"
      const args = ["", "two words", "näïve ☃ 𝄞", "$HOME;`id`", "a\nb"]
      const env = { PATH: path, LC_ALL: "C.UTF-8", EMPTY: "", ODD: "a=b ☃\n" }
      const { slot, stdout } = yield* execute(python(source, ...args), { env })
      const [seenArgs, seenEnv, cwd]: [Array<string>, Record<string, string>, string] = JSON.parse(printed({ stdout }))
      assert.deepStrictEqual(seenArgs, args)
      assert.deepStrictEqual(seenEnv, env)
      assert.strictEqual(cwd, options.workdir ?? slot.workspace)
    }))

  it.effect("passes a megabyte of environment", () =>
    Effect.gen(function*() {
      const env = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`V${i}`, "x".repeat(100_000)]))
      const { stdout } = yield* execute(python("import os;print(sum(map(len,os.environ.values())))"), {
        env: { ...env, PATH: path, LC_ALL: "C" }
      })
      assert.strictEqual(printed({ stdout }).trim(), String(1_000_000 + path.length + 1))
    }))

  it.effect("refuses a program that does not exist", () =>
    Effect.gen(function*() {
      for (const program of ["no-such-program", "/no/such/program", "./missing"]) {
        const { reason } = yield* Effect.flip(execute([program]))
        assert.deepInclude({ ...reason }, { _tag: "StartRefused", program, code: "ENOENT" })
      }
    }))

  it.effect("refuses a file that may not be executed", () =>
    Effect.gen(function*() {
      const fill = (workspace: string) => writeFile(join(workspace, "plain"), "x", { mode: 0o644 })
      const { reason } = yield* Effect.flip(execute(["./plain"], { fill }))
      assert.deepInclude({ ...reason }, { _tag: "StartRefused", program: "./plain", code: "EACCES" })
    }))
}
