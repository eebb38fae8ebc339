import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { afterEach, vi } from "vitest"
import { Connection } from "../../src/client/Connection.ts"
import { call, type CallOptions, connection } from "../../src/sdk/connection.ts"

afterEach(() => void vi.unstubAllEnvs())

const environment = (env: { readonly RGRID_URL?: string; readonly RGRID_API_KEY?: string }) => {
  vi.stubEnv("RGRID_URL", env.RGRID_URL)
  vi.stubEnv("RGRID_API_KEY", env.RGRID_API_KEY)
}

const found = (options: CallOptions) =>
  Effect.runPromise(
    Effect.map(Connection, ({ key, url }) => [url, Redacted.value(key)]).pipe(
      Effect.provide(connection(options)),
      Effect.catch((error) => Effect.succeed(error._tag))
    )
  )

describe("the grid of a call", () => {
  it("has the key given, wherever its address comes from", async () => {
    environment({ RGRID_URL: "https://env.example.com/", RGRID_API_KEY: "env" })
    assert.deepStrictEqual(await found({}), ["https://env.example.com", "env"])
    assert.deepStrictEqual(await found({ apiKey: "own" }), ["https://env.example.com", "own"])
    assert.deepStrictEqual(await found({ url: "http://own.example.com//", apiKey: "own" }), ["http://own.example.com", "own"])
    assert.deepStrictEqual(await found({ url: "http://own.example.com" }), ["http://own.example.com", "env"])
    environment({ RGRID_URL: "https://env.example.com" })
    assert.deepStrictEqual(await found({ apiKey: "own" }), ["https://env.example.com", "own"])
    assert.strictEqual(await found({}), "ConnectionIncomplete")
  })

  it("is not one whose address is none", async () => {
    for (const url of ["grid.example.com", "", "ftp://grid.example.com"]) {
      assert.strictEqual(await found({ url, apiKey: "own" }), "OptionRefused")
    }
    environment({ RGRID_URL: "grid.example.com" })
    assert.strictEqual(await found({ apiKey: "own" }), "ConnectionIncomplete")
  })
})

it("tells what a program's own function throws as it is, tagged or not", async () => {
  for (const own of [{ _tag: "Mine", code: 1 }, Object.assign(new Error("mine"), { _tag: "ServerUnreachable" }), "text"]) {
    const options = { url: "http://127.0.0.1:9", apiKey: "none" }
    assert.strictEqual(await call(Effect.die(own), options).catch((error: unknown) => error), own)
  }
})
