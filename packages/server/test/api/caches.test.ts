/** What is stored and kept, over the wire, and asking for it all the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { CacheReport } from "rgrid/api/Caches"
import { Accepted } from "rgrid/api/Executions"
import { ask, job, read, server } from "./harness.ts"
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

  it.live("are gone around by who says no-cache", () =>
    Effect.gen(function*() {
      yield* submitted(script)
      const submit = (headers: Readonly<Record<string, string>>) =>
        Effect.flatMap(ask("POST", "/api/v1/executions", { json: job(bytes), headers }), (answer) => read(Accepted, answer))
      const usual = yield* submit({ "cache-control": "max-age=0" })
      assert.deepStrictEqual([usual.execution.state, usual.missing.length], ["queued", 0])
      const anew = yield* submit({ "cache-control": "no-cache" })
      assert.deepStrictEqual([anew.execution.state, anew.missing.length], ["uploading", 1])
      const { put } = anew.missing[0]!
      const sent = yield* ask("PUT", put.url, { token: "", headers: put.headers, bytes })
      assert.strictEqual(sent.status, 204)
      const whole = yield* read(Accepted, yield* ask("POST", `/api/v1/executions/${anew.execution.id}/uploaded`))
      assert.deepStrictEqual([whole.execution.state, whole.missing], ["queued", []])
    }).pipe(Effect.provide(server)))
})
