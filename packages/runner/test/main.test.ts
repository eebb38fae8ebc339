import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { launch } from "../src/main.ts"
import * as identity from "../src/identity.ts"
import { temporaryDirectory } from "./fixtures/directory.ts"
import * as FakeServer from "./fixtures/FakeServer.ts"
import { settings } from "./fixtures/runner.ts"
import { waitUntil } from "./fixtures/waitUntil.ts"

const refusal = (over: Parameters<typeof settings>[0]) =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    return yield* Effect.flip(launch(settings({ stateDirectory: directory, ...over })))
  })

describe("launching", () => {
  it.live("says that the key is refused", () =>
    Effect.gen(function*() {
      const server = yield* FakeServer.make(new FakeServer.Memory())
      const failure = yield* refusal({ server: server.url, key: Redacted.make("rgrid_live_bad") })
      assert.strictEqual(failure._tag, "KeyRefused")
    }))

  it.live("says that the state directory can't be used", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* Effect.promise(() => writeFile(join(directory, "file"), ""))
      for (const stateDirectory of [join(directory, "file/state"), "relative"]) {
        assert.strictEqual((yield* refusal({ stateDirectory }))._tag, "StateDirectoryUnusable")
      }
    }))

  it.live("runs once a state directory, and keeps the runner's id over restarts", () =>
    Effect.gen(function*() {
      const memory = new FakeServer.Memory()
      const server = yield* FakeServer.make(memory)
      const directory = yield* temporaryDirectory
      const own = settings({ server: server.url, stateDirectory: directory })
      const first = yield* Effect.forkScoped(launch(own))
      const hello = yield* waitUntil("hello", () => memory.latest("Hello"))
      yield* Fiber.interrupt(first)
      memory.heard.length = 0
      yield* Effect.forkScoped(launch(own))
      const again = yield* waitUntil("hello again", () => memory.latest("Hello"))
      assert.strictEqual(again.runner, hello.runner)
      assert.notStrictEqual(again.incarnation, hello.incarnation)
      const kept = yield* Effect.promise(() => readFile(join(directory, "runner"), "utf8"))
      assert.strictEqual(kept.trim(), hello.runner)
      assert.strictEqual((yield* Effect.flip(launch(own)))._tag, "RunnerAlreadyRunning")
    }))

  it.live("makes a new id where the old one is damaged", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* Effect.promise(() => writeFile(join(directory, "runner"), "nonsense"))
      const one = yield* identity.load(directory)
      assert.strictEqual((yield* identity.load(directory)).runner, one.runner)
    }))
})
