import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Sandbox } from "rgrid/ports/Sandbox"
import * as SandboxContract from "rgrid/testing/SandboxContract"
import * as ProcessSandbox from "../../src/adapters/process/ProcessSandbox.ts"

const temporaryDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-process-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const layer = Layer.unwrap(Effect.map(temporaryDirectory, (stateDirectory) => ProcessSandbox.layer({ stateDirectory })))

SandboxContract.suite("process", {
  layer,
  image: "ignored",
  capabilities: { memoryLimit: false, networkNone: false, ownPidNamespace: false, pids: false, ownMemory: false }
})

it.layer(layer, { excludeTestServices: true })((it) => {
  it.effect("says of every control of isolation that it is not enforced", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox
      const enforced = (yield* sandbox.controls).filter(({ enforced }) => enforced).map(({ name }) => name)
      assert.deepStrictEqual(enforced, ["no new privileges", "no core dumps", "no logs on the host", "deadline"])
    }))

  it.effect("removes the directories an earlier life left, and only those", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox
      yield* sandbox.prepare({ image: "", workdir: "/work", outside: [], limits: {}, network: "open" })
      assert.strictEqual(yield* sandbox.reclaim, 0)
    }))
})
