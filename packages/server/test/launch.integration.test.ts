/** The whole program over a Postgres of its own: how it starts, how it fails to, and how it ends. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { Health } from "rgrid/api/Health"
import { format, generate } from "rgrid/domain/ApiKey"
import { launch, type ServerSettings } from "../src/main.ts"
import { ask, Grid, read } from "./api/harness.ts"
import { frames } from "./api/frames.ts"
import { append, assigned, say, settlement } from "./api/runner.ts"

/** Postgres runs under another uid when this is root, and must be able to enter. */
const temporary = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "rgrid-launch-" })
  yield* fs.chmod(directory, 0o711)
  return directory
})

/** A port taken for as long as the scope lives. */
const taken = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed({
        port: typeof address === "object" && address !== null ? address.port : 0,
        close: () => void server.close()
      }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const freePort = Effect.scoped(Effect.map(taken, ({ port }) => port))

const healthy = ask("GET", "/health", { token: "" }).pipe(
  Effect.timeout("2 seconds"),
  Effect.sandbox,
  Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 600 }),
  Effect.flatMap((answer) => read(Health, answer))
)

const settingsIn = Effect.fnUntraced(function*(directory: string) {
  const key = format(generate())
  const port = yield* freePort
  const settings: ServerSettings = {
    host: "127.0.0.1",
    port,
    dataDirectory: join(directory, "data"),
    bootstrapKey: Redacted.make(key)
  }
  return { settings, grid: Grid.of({ url: `http://127.0.0.1:${port}`, key }) }
})

const platform = Layer.mergeAll(NodeServices.layer, NodeSocket.layerWebSocketConstructor)

describe("launch", () => {
  it.live("serves an execution, ends at once with a runner connected, and knows it all in its next life", () =>
    Effect.gen(function*() {
      const { grid, settings } = yield* settingsIn(yield* temporary)
      yield* Effect.gen(function*() {
        const first = yield* Effect.forkChild(launch(settings))
        assert.deepStrictEqual((yield* healthy).status, "ok")
        const log = frames(3, 100)
        const { assignment } = yield* assigned("print(1)")
        yield* append(assignment, 0, log)
        const began = Date.now()
        yield* Fiber.interrupt(first)
        assert.isBelow(Date.now() - began, 5000)

        const second = yield* Effect.forkChild(launch(settings))
        yield* healthy
        const end = settlement(log, { offset: log.length, frames: new Uint8Array(0) })
        assert.strictEqual((yield* say(assignment, "settle", end)).status, 200)
        yield* Fiber.interrupt(second)
      }).pipe(Effect.provideService(Grid, grid))
    }).pipe(Effect.scoped, Effect.provide(platform)), 120_000)

  it.live("says that the port is taken, and leaves nothing running", () =>
    Effect.gen(function*() {
      const { settings } = yield* settingsIn(yield* temporary)
      const { port } = yield* taken
      const error = yield* Effect.flip(launch({ ...settings, port }))
      assert.strictEqual(error._tag, "PortTaken")
    }).pipe(Effect.scoped, Effect.provide(platform)), 120_000)

  it.live("says that the directory, the secrets or the database won't do", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const { settings } = yield* settingsIn(directory)
      const file = join(directory, "file")
      yield* Effect.promise(() => writeFile(file, ""))
      const unusable = yield* Effect.flip(launch({ ...settings, dataDirectory: join(file, "data") }))
      assert.strictEqual(unusable._tag, "DataDirectoryUnusable")
      yield* Effect.promise(() => writeFile(join(directory, "secrets.json"), "{}"))
      const damaged = yield* Effect.flip(launch({ ...settings, dataDirectory: directory }))
      assert.strictEqual(damaged._tag, "SecretsDamaged")
      const databaseUrl = Redacted.make(`postgres://nobody:secret@127.0.0.1:${yield* freePort}/none`)
      const away = yield* Effect.flip(launch({ ...settings, databaseUrl }))
      assert.strictEqual(away._tag, "DatabaseUnavailable")
      assert.notInclude(JSON.stringify(away), "secret@")
    }).pipe(Effect.scoped, Effect.provide(platform)), 120_000)
})
