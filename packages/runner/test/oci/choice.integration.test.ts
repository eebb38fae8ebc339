/** Which containers a runner takes by itself, and what it says where it can't have those asked for. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { defaultRuntime, imageOf } from "rgrid/runtimes/resolve"
import { Sandbox } from "rgrid/ports/Sandbox"
import * as choice from "../../src/adapters/oci/choice.ts"
import * as OciSandbox from "../../src/adapters/oci/OciSandbox.ts"
import { image, kinds, runnerIdFor, temporaryDirectory } from "../docker/fixture.ts"

const settings = Effect.map(temporaryDirectory, (stateDirectory) => ({
  runnerId: runnerIdFor("choice"),
  stateDirectory,
  allowPrivateNetworks: true
}))

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
