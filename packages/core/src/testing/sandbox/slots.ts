/** The places scripts run in, and their scopes. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { collect, eventually, type Helpers, type Methods } from "./helpers.ts"

export const slots = (it: Methods, { begin }: Helpers) => {
  const stopsWriting = (beat: () => Promise<number>) => async (): Promise<boolean> => {
    const before = await beat()
    await new Promise((resolve) => setTimeout(resolve, 100))
    return await beat() === before
  }

  it.effect("kills everything when the run's scope closes", () =>
    Effect.gen(function*() {
      const sandboxScope = yield* Effect.scope
      const runScope = yield* Scope.fork(sandboxScope)
      const source = "(setsid sh -c 'trap \"\" TERM HUP; while :; do echo x >> beat; sleep 0.02; done' &); sleep 300"
      const { slot } = yield* begin(["sh", "-c", source]).pipe(Scope.provide(runScope))
      const beat = () => stat(join(slot.workspace, "beat")).then(({ size }) => size, () => 0)
      yield* eventually("the script writes", async () => await beat() > 10)
      yield* Scope.close(runScope, Exit.void)
      yield* eventually("nothing writes any more", stopsWriting(beat))
    }), 30_000)

  it.effect("removes the workspace when the slot's scope closes, also while a script runs", () =>
    Effect.gen(function*() {
      const workspace = yield* Effect.scoped(Effect.map(begin(["sleep", "300"]), ({ slot }) => slot.workspace))
      const gone = yield* Effect.promise(() => stat(workspace).then(() => false, () => true))
      assert.isTrue(gone)
    }), 30_000)

  it.effect("completes died only when the slot is gone", () =>
    Effect.gen(function*() {
      const { run, slot } = yield* begin(["sleep", "0.1"])
      const died = yield* Effect.forkChild(slot.died)
      yield* Stream.runDrain(run.output)
      yield* run.exit
      assert.isUndefined(died.pollUnsafe())
      yield* Fiber.interrupt(died)
    }))

  it.effect("runs several slots side by side, each with a workspace of its own", () =>
    Effect.gen(function*() {
      const write = (n: number) =>
        Effect.scoped(Effect.gen(function*() {
          const { run, slot } = yield* begin(["sh", "-c", `echo ${n} > me; ls | wc -l; cat me`])
          const { stdout } = yield* collect(run)
          return [slot.id, stdout.toString().replace(/\s+/g, " ").trim()] as const
        }))
      const all = yield* Effect.forEach([1, 2, 3, 4], write, { concurrency: 4 })
      assert.deepStrictEqual(all.map(([, text]) => text), ["1 1", "1 2", "1 3", "1 4"])
      assert.strictEqual(new Set(all.map(([id]) => id)).size, 4)
    }), 60_000)
}
