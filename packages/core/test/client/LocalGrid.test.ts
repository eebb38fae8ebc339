import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { fromEnvironment } from "../../src/client/Connection.ts"
import { gridDirectory, read, write } from "../../src/client/gridFile.ts"
import { answers } from "../../src/client/LocalGrid.ts"

const grid = { url: "http://127.0.0.1:7400", key: "rgrid_live_x", port: 7400, version: "1.0.0" }

const directory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-file-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true }))
)

describe("the grid's directory", () => {
  it("is what RGRID_HOME says, else below the home, except for root", () => {
    assert.strictEqual(gridDirectory({ RGRID_HOME: "/g" }, 0), "/g")
    assert.strictEqual(gridDirectory({ RGRID_HOME: "" }, 1000), join(homedir(), ".rgrid", "grid"))
    assert.strictEqual(gridDirectory({}, 0), "/var/lib/rgrid")
  })
})

describe("the grid's file", () => {
  it.effect("comes back as written, readable by its owner only, with nothing left beside it", () =>
    Effect.gen(function*() {
      const place = yield* directory
      yield* write(place, { ...grid, version: "0.9.0" })
      yield* write(place, grid)
      assert.deepStrictEqual(yield* read(place), Option.some(grid))
      const mode = yield* Effect.promise(() => stat(join(place, "grid.json")))
      assert.strictEqual(mode.mode & 0o777, 0o600)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(place)), ["grid.json"])
    }))
  it.effect("is none when it is missing or not what it should be", () =>
    Effect.gen(function*() {
      const place = yield* directory
      assert.isTrue(Option.isNone(yield* read(place)))
      for (const text of ["", "{", "{\"url\":1}", "[]"]) {
        yield* Effect.promise(() => writeFile(join(place, "grid.json"), text))
        assert.isTrue(Option.isNone(yield* read(place)))
      }
    }))
})

describe("the environment", () => {
  it.effect("names a grid by address and key", () =>
    Effect.gen(function*() {
      const found = Option.getOrThrow(yield* fromEnvironment({ RGRID_URL: "https://g.example/", RGRID_API_KEY: "k" }))
      assert.strictEqual(found.url, "https://g.example")
      assert.strictEqual(Redacted.value(found.key), "k")
      assert.isFalse(found.local)
      assert.isTrue(Option.isNone(yield* fromEnvironment({ RGRID_URL: "" })))
    }))
  it.effect("is refused when it names half a grid", () =>
    Effect.gen(function*() {
      const reasons = yield* Effect.forEach([
        { RGRID_URL: "https://g.example" },
        { RGRID_API_KEY: "k" },
        { RGRID_URL: "g.example", RGRID_API_KEY: "k" },
        { RGRID_URL: "ftp://g.example", RGRID_API_KEY: "k" }
      ], (env) => Effect.flip(fromEnvironment(env)))
      assert.deepStrictEqual(reasons.map(({ reason }) => reason), [
        "keyMissing",
        "urlMissing",
        "urlMalformed",
        "urlMalformed"
      ])
    }))
})

/** A server that answers health and key questions so, and the paths it was asked for. */
const server = (health: unknown, validate: number) => {
  const asked: Array<string> = []
  const layer = Layer.succeed(HttpClient.HttpClient)(HttpClient.make((request, url) => {
    asked.push(url.pathname)
    const response = url.pathname === "/health" ? Response.json(health) : new Response(null, { status: validate })
    return Effect.succeed(HttpClientResponse.fromWeb(request, response))
  }))
  return { asked, layer }
}

const healthy = { status: "ok", database: "ok", storage: "ok", version: "1" }

describe("whether the grid is up", () => {
  it.effect("it is when it is well and knows the key", () =>
    Effect.gen(function*() {
      const { layer } = server(healthy, 200)
      assert.isTrue(yield* Effect.provide(answers(grid), layer))
    }))
  it.effect("it is not when another grid answers, or an ailing one", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* Effect.provide(answers(grid), server(healthy, 401).layer))
      assert.isFalse(yield* Effect.provide(answers(grid), server({ ...healthy, status: "degraded" }, 200).layer))
    }))
  it.effect("does not show its key to another program on the port", () =>
    Effect.gen(function*() {
      const other = server({ hello: "world" }, 200)
      assert.isFalse(yield* Effect.provide(answers(grid), other.layer))
      assert.deepStrictEqual(other.asked, ["/health"])
    }))
  it.effect("it is not when nothing answers", () =>
    Effect.gen(function*() {
      const nothing = Layer.succeed(HttpClient.HttpClient)(HttpClient.make((request) =>
        Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, cause: new Error("ECONNREFUSED") })
          })
        )
      ))
      assert.isFalse(yield* Effect.provide(answers(grid), nothing))
    }))
})
