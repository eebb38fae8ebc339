/** One execution from its acceptance to its bytes, over the wire. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Worker } from "rgrid/api/Account"
import { Health } from "rgrid/api/Health"
import { Accepted, ExecutionPage, LogPage, MissingPart, OutputList } from "rgrid/api/Executions"
import { Execution } from "rgrid/domain/Execution"
import { frames } from "./frames.ts"
import { ask, contentOf, job, read, server, sha256 } from "./harness.ts"
import { append, assigned, connect, Length, say, settlement, submitted } from "./runner.ts"

const script = "print('hello')\n"
const bytes = new TextEncoder().encode(script)
const Inputs = Schema.Struct({ parts: Schema.Record(Schema.String, MissingPart.fields.put) })
const Places = Schema.Struct({ missing: Schema.Array(MissingPart) })
const Ended = Schema.Struct({ state: Schema.String, duplicate: Schema.Boolean })

describe("an execution over HTTP", () => {
  it.live("is accepted, sent, claimed, run, settled and read", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned(script)
      assert.strictEqual((yield* say(assignment, "started")).status, 204)
      const { parts } = yield* read(Inputs, yield* say(assignment, "inputs", { parts: [sha256(bytes)] }))
      const got = yield* ask("GET", parts[sha256(bytes)]?.url ?? "", { token: "" })
      assert.strictEqual(new TextDecoder().decode(got.bytes), script)
      assert.strictEqual(got.headers.get("x-content-type-options"), "nosniff")
      assert.match(got.headers.get("content-disposition") ?? "", /^attachment/)

      const made = new TextEncoder().encode("result")
      const asked = { parts: [{ sha256: sha256(made), size: made.length }] }
      const { missing } = yield* read(Places, yield* say(assignment, "outputs", asked))
      assert.strictEqual(missing.length, 1)
      const { put } = missing[0]!
      assert.isBelow((yield* ask("PUT", put.url, { token: "", headers: put.headers, bytes: made })).status, 300)
      assert.deepStrictEqual(yield* read(Places, yield* say(assignment, "outputs", asked)), { missing: [] })

      const log = frames(6, 1000)
      const half = log.length / 2
      const first = yield* append(assignment, 0, log.subarray(0, half))
      assert.deepStrictEqual(yield* read(Length, first), { length: half })
      const end = settlement(log, { offset: half, frames: log.subarray(half) })
      const output = { path: "out.txt", type: "file", mode: 0o644, modifiedAt: 1, content: contentOf(made) }
      const request = { ...end, manifest: { ...end.manifest, outputs: [output] } }
      assert.deepStrictEqual(yield* read(Ended, yield* say(assignment, "settle", request)), {
        state: "completed",
        duplicate: false
      })
      assert.isTrue((yield* read(Ended, yield* say(assignment, "settle", request))).duplicate)

      const path = `/api/v1/executions/${assignment.execution}`
      assert.strictEqual((yield* read(Execution, yield* ask("GET", path))).state, "completed")
      const page = yield* read(LogPage, yield* ask("GET", `${path}/logs`))
      assert.strictEqual(page.segments.length, 6)
      assert.isTrue(page.ended)
      assert.strictEqual(page.next, log.length)
      const list = yield* read(OutputList, yield* ask("GET", `${path}/outputs`))
      const output1 = yield* ask("GET", list.parts[sha256(made)]?.url ?? "", { token: "" })
      assert.deepStrictEqual(output1.bytes, new Uint8Array(made))
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("starts at once when nothing is missing, and once per idempotency key", () =>
    Effect.gen(function*() {
      yield* submitted(script)
      const again = { json: job(bytes), headers: { "idempotency-key": "k" } }
      const one = yield* ask("POST", "/api/v1/executions", again)
      const two = yield* ask("POST", "/api/v1/executions", again)
      assert.strictEqual(one.status, 201)
      const [first, second] = [yield* read(Accepted, one), yield* read(Accepted, two)]
      assert.strictEqual(first.execution.state, "queued")
      assert.strictEqual(second.execution.id, first.execution.id)
      const { executions } = yield* read(ExecutionPage, yield* ask("GET", "/api/v1/executions?limit=10"))
      assert.strictEqual(executions.length, 2)
    }).pipe(Effect.provide(server)))

  it.live("says what is missing still when the upload was claimed and not made", () =>
    Effect.gen(function*() {
      const { execution } = yield* read(Accepted, yield* ask("POST", "/api/v1/executions", { json: job(bytes) }))
      const still = yield* read(Accepted, yield* ask("POST", `/api/v1/executions/${execution.id}/uploaded`))
      assert.deepStrictEqual(still.missing.map((part) => part.sha256), [sha256(bytes)])
      assert.strictEqual(still.execution.state, "uploading")
    }).pipe(Effect.provide(server)))

  it.live("is told to its runner when it is canceled, and with each renewal", () =>
    Effect.gen(function*() {
      const { assignment: { execution, fence }, runner } = yield* assigned(script)
      yield* ask("POST", `/api/v1/executions/${execution}/cancel`)
      assert.strictEqual((yield* runner.hear("Cancel")).execution, execution)
      yield* runner.say({ _tag: "Renew", id: 7, attempts: [{ execution, fence }, { execution, fence: 9 }] })
      const renewed = yield* runner.hear("Renewed")
      assert.strictEqual(renewed.id, 7)
      assert.deepStrictEqual(renewed.attempts.map(({ cancelRequested, held }) => [held, cancelRequested]), [
        [true, true],
        [false, false]
      ])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("goes to a runner that asked before it came, and never more of them than it asked for", () =>
    Effect.gen(function*() {
      const runner = yield* connect(2)
      yield* runner.say({ _tag: "Ask", free: 2 })
      const asked = yield* Effect.all([submitted("1"), submitted("2"), submitted("3")])
      const taken: Array<string> = []
      while (taken.length < 2) taken.push(...(yield* runner.hear("Assign")).attempts.map(({ execution }) => execution))
      assert.deepStrictEqual(taken.toSorted(), asked.slice(0, 2).toSorted())
      const third = yield* read(Execution, yield* ask("GET", `/api/v1/executions/${asked[2]}`))
      assert.strictEqual(third.state, "queued")
      const workers = yield* read(Schema.Array(Worker), yield* ask("GET", "/api/v1/workers"))
      assert.deepStrictEqual(workers.map(({ busy, slots }) => [busy, slots]), [[2, 2]])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("is answered for with health, its contract and its documentation", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* read(Health, yield* ask("GET", "/health", { token: "" }))).status, "ok")
      for (const path of ["/openapi.json", "/docs", "/docs"]) assert.strictEqual((yield* ask("GET", path)).status, 200)
    }).pipe(Effect.provide(server)))
})
