/** What is stored and kept, over the wire, and how it is sent all the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CacheReport } from "rgrid/api/Caches"
import { MissingPart } from "rgrid/api/Executions"
import { ask, read, server, sha256 } from "./harness.ts"
import { connect, submitted } from "./runner.ts"

const script = "print('again')\n"
const bytes = new TextEncoder().encode(script)
const report = Effect.flatMap(ask("GET", "/api/v1/cache"), (answer) => read(CacheReport, answer))

describe("caches over HTTP", () => {
  it.live("are told: what is stored once, and what each runner says it keeps", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* report, { stored: { parts: 0, bytes: 0, savedBytes: 0 }, workers: [] })
      yield* submitted(script)
      yield* submitted(script)
      const { say } = yield* connect(1)
      const kept = { parts: 3, bytes: 300, limitBytes: 1000, layers: { count: 1, bytes: 5 } }
      const told = yield* report
      assert.deepStrictEqual(told.stored, { parts: 1, bytes: bytes.length, savedBytes: bytes.length })
      assert.deepStrictEqual(told.workers.map(({ kept, name }) => [name, kept]), [["test", null]])
      yield* say({ _tag: "Cached", kept })
      yield* Effect.repeat(report, { until: ({ workers }) => workers[0]?.kept?.parts === kept.parts })
      assert.deepStrictEqual((yield* report).workers[0]?.kept, kept)
      assert.strictEqual((yield* ask("GET", "/api/v1/cache", { token: "rgrid_live_wrong" })).status, 401)
    }).pipe(Effect.provide(server)))

  it.live("are gone around by sending again what is stored, and nothing else", () =>
    Effect.gen(function*() {
      yield* submitted(script)
      const part = { sha256: sha256(bytes), size: bytes.length }
      const unknown = { sha256: sha256(new Uint8Array([1])), size: 1 }
      const asked = yield* ask("POST", "/api/v1/cache/anew", { json: { parts: [part, unknown] } })
      const { stored } = yield* read(Schema.Struct({ stored: Schema.Array(MissingPart) }), asked)
      assert.deepStrictEqual(stored.map(({ sha256, size }) => ({ sha256, size })), [part])
      const { put } = stored[0]!
      const send = (body: Uint8Array) => ask("PUT", put.url, { token: "", headers: put.headers, bytes: body })
      assert.strictEqual((yield* send(bytes)).status, 204)
      assert.strictEqual((yield* send(new Uint8Array(bytes.length))).status, 422)
      assert.strictEqual((yield* ask("POST", "/api/v1/cache/anew", { token: "", json: { parts: [part] } })).status, 401)
    }).pipe(Effect.provide(server)))
})
