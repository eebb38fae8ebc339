/** What is remembered of an engine's images, with an engine played by the test. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { eventually } from "rgrid/testing/SandboxContract"
import * as Engine from "../../src/adapters/docker/Engine.ts"
import * as Known from "../../src/adapters/docker/Known.ts"

class Play {
  /** Names of images that were asked for. */
  readonly asked: Array<string> = []
  /** Who is told of changes. */
  readonly listeners: Array<ServerResponse> = []
  tells = true
  /** Answers wait for it. */
  held: Promise<void> = Promise.resolve()

  readonly server = createServer(async ({ url = "" }, response) => {
    if (url.startsWith("/events")) {
      if (!this.tells) return response.writeHead(500).end()
      response.writeHead(200).flushHeaders()
      return void this.listeners.push(response)
    }
    this.asked.push(decodeURIComponent(/\/images\/(.+)\/json/.exec(url)?.[1] ?? url))
    await this.held
    response.end(JSON.stringify({ Id: `sha256:${this.asked.length}`, Architecture: "amd64", Config: { Env: [] } }))
  })

  readonly change = Effect.sync(() => this.listeners.forEach((listener) => listener.write('{"Type":"image"}\n')))
}

const play = Effect.fnUntraced(function*(over: Partial<Pick<Play, "tells">> = {}) {
  const directory = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-known-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
  )
  const socketPath = join(directory, "engine")
  const engine = Object.assign(new Play(), over)
  yield* Effect.acquireRelease(
    Effect.promise(() => once(engine.server.listen(socketPath), "listening")),
    () => Effect.sync(() => engine.server.close().closeAllConnections())
  )
  const settings = { runnerId: "r", stateDirectory: directory, socketPath, allowPrivateNetworks: true }
  const known = yield* Known.make(Engine.make(settings))
  const id = (image: string) => Effect.map(known.find(image), (found) => found?.id)
  /** With the test's clock. */
  const run = Effect.runPromiseWith(yield* Effect.context<never>())
  const becomesOther = (image: string, than: string | undefined) =>
    eventually("it heard of the change", async () => (await run(id(image))) !== than)
  const told = eventually("the engine tells", async () => (await run(id("probe"))) === (await run(id("probe"))))
  return { engine, id, becomesOther, told }
})

describe("what an image's name stands for", () => {
  it.effect("is asked for once a second at most, while the engine tells of changes", () =>
    Effect.gen(function*() {
      const { id, told } = yield* play()
      yield* told
      const first = yield* id("a")
      assert.strictEqual(yield* id("a"), first)
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* id("a"), first)
      yield* TestClock.adjust("1 millis")
      assert.notStrictEqual(yield* id("a"), first)
    }))

  it.effect("is asked for again once the engine told of any change", () =>
    Effect.gen(function*() {
      const { becomesOther, engine, id, told } = yield* play()
      yield* told
      const first = yield* id("a")
      yield* engine.change
      yield* becomesOther("a", first)
    }))

  it.effect("is not believed when it was asked for before a change", () =>
    Effect.gen(function*() {
      const { becomesOther, engine, id, told } = yield* play()
      yield* told
      const seen = yield* id("b")
      let answer = () => {}
      engine.held = new Promise((resolve) => (answer = resolve))
      const early = yield* Effect.forkChild(id("a"))
      yield* eventually("it was asked", () => engine.asked.includes("a:latest"))
      engine.held = Promise.resolve()
      yield* engine.change
      yield* becomesOther("b", seen)
      answer()
      const old = yield* Fiber.join(early)
      assert.notStrictEqual(yield* id("a"), old)
    }))

  it.effect("is asked for each time of an engine that tells nothing", () =>
    Effect.gen(function*() {
      const { engine, id } = yield* play({ tells: false })
      yield* id("a")
      yield* id("a")
      assert.deepStrictEqual(engine.asked, ["a:latest", "a:latest"])
    }))
})
