/** Which containers a runner takes by itself, and what it says where it can't have those asked for. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { defaultRuntime, imageOf } from "rgrid/runtimes/resolve"
import { Sandbox } from "rgrid/ports/Sandbox"
import * as Ground from "../../src/adapters/docker/Ground.ts"
import * as choice from "../../src/adapters/oci/choice.ts"
import * as OciSandbox from "../../src/adapters/oci/OciSandbox.ts"
import { runtimeFor } from "../../src/adapters/oci/runtime.ts"
import { image, kinds, runnerIdFor, temporaryDirectory } from "./fixture.ts"

const settings = Effect.map(temporaryDirectory, (stateDirectory) => ({
  runnerId: runnerIdFor("choice"),
  stateDirectory,
  allowPrivateNetworks: true
}))

const impatient = Effect.fnUntraced(function*(own: Effect.Success<typeof settings>) {
  const ground = yield* Ground.make(own)
  const runtime = yield* runtimeFor(ground)
  return typeof runtime === "string" ? assert.fail(runtime) : yield* OciSandbox.over(ground, runtime, "engine")
})

const canChoose = kinds.length > 1 && image === imageOf(defaultRuntime)

const nameOf = (own: Effect.Success<typeof settings>) =>
  Sandbox.pipe(Effect.map(({ name }) => name), Effect.provide(choice.layer(own, "now")))

describe("a runner with a choice of containers", () => {
  it.live.skipIf(!canChoose)("measures once, remembers what it saw, and goes by it", () =>
    Effect.gen(function*() {
      const own = yield* settings
      const path = join(own.stateDirectory, "sandbox.json")
      const first = yield* nameOf(own)
      const verdict = JSON.parse(yield* Effect.promise(() => readFile(path, "utf8")))
      assert.strictEqual(first, choice.isFaster(verdict) ? "oci" : "docker")
      for (const [docker, oci, name] of [[1000, 10, "oci"], [10, 1000, "docker"]] as const) {
        const text = JSON.stringify({ ...verdict, docker, oci })
        yield* Effect.promise(() => writeFile(path, text))
        assert.strictEqual(yield* nameOf(own), name)
        assert.strictEqual(yield* Effect.promise(() => readFile(path, "utf8")), text)
      }
    }).pipe(Effect.scoped), 120_000)

  it.live("says why it can't have those of a runtime that is not there", () =>
    Effect.gen(function*() {
      const own = yield* settings
      const path = process.env["PATH"]
      process.env["PATH"] = own.stateDirectory
      const error = yield* Effect.flip(Sandbox.pipe(Effect.provide(OciSandbox.layer(own)))).pipe(
        Effect.ensuring(Effect.sync(() => {
          process.env["PATH"] = path
        }))
      )
      assert.deepInclude({ ...error.reason }, { _tag: "SandboxUnavailable", sandbox: "oci" })
    }).pipe(Effect.scoped), 60_000)
})

describe.skipIf(kinds.length < 2)("a slot of an image that is not unpacked yet", () => {
  it.live("is the engine's, and the next is not", () =>
    Effect.gen(function*() {
      const { prepare } = yield* Sandbox
      const request = { image, workdir: "/work", outside: [], limits: {}, network: "none" } as const
      const rootOf = Effect.fnUntraced(function*() {
        const slot = yield* prepare(request)
        const session = yield* slot.open(request)
        const argv = ["grep", " / / ", "/proc/self/mountinfo"] as const
        const run = yield* session.run({ argv, env: { PATH: "/usr/bin:/bin" }, deadline: Duration.minutes(1) })
        return yield* run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.mkString)
      }, Effect.scoped)
      assert.include(yield* rootOf(), "/docker/")
      yield* Effect.repeat(rootOf(), { until: (root) => !root.includes("/docker/") })
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(settings, (own) => Layer.effect(Sandbox, impatient(own)))))), 60_000)
})
