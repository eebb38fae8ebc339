/** What the server must not do, for whoever asks. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Accepted } from "rgrid/api/Executions"
import { executionId } from "rgrid/domain/Id"
import { frames } from "./frames.ts"
import { ask, contentOf, Grid, job, read, server, sha256, codeOf } from "./harness.ts"
import { append, assigned, attemptPath, Length, say, settlement } from "./runner.ts"

const Created = Schema.Struct({ key: Schema.String, record: Schema.Struct({ id: Schema.String }) })
const bytes = new TextEncoder().encode("print(1)")

const keyWith = (...scopes: ReadonlyArray<string>) =>
  Effect.flatMap(ask("POST", "/api/v1/keys", { json: { name: "k", scopes } }), (made) => read(Created, made))

/** The signed PUT of a part that is not there yet. */
const offered = Effect.gen(function*() {
  const { missing } = yield* read(Accepted, yield* ask("POST", "/api/v1/executions", { json: job(bytes) }))
  return missing[0]!.put
})

const changed = (url: string, name: string, value: string): string => {
  const signed = new URL(url, "http://grid")
  signed.searchParams.set(name, value)
  return signed.pathname + signed.search
}

describe("credentials", () => {
  it.live("opens nothing without a key, with a forged one, or with a revoked one", () =>
    Effect.gen(function*() {
      const { key } = yield* Grid
      const forged = key.slice(0, -1) + (key.endsWith("A") ? "B" : "A")
      for (const path of ["/api/v1/executions", "/api/v1/workers", "/api/v1/runner"]) {
        for (const token of ["", "nonsense", forged]) {
          assert.strictEqual((yield* ask("GET", path, { token })).status, 401, `${path} with '${token}'`)
        }
      }
      const made = yield* keyWith("user")
      assert.strictEqual((yield* ask("GET", "/api/v1/executions", { token: made.key })).status, 200)
      assert.strictEqual((yield* ask("DELETE", `/api/v1/keys/${made.record.id}`)).status, 200)
      assert.strictEqual((yield* ask("GET", "/api/v1/executions", { token: made.key })).status, 401)
    }).pipe(Effect.provide(server)))

  it.live("keeps each scope to its own", () =>
    Effect.gen(function*() {
      const user = yield* keyWith("user")
      const runner = yield* keyWith("runner")
      const json = { name: "more", scopes: ["admin"] }
      assert.strictEqual((yield* ask("POST", "/api/v1/keys", { token: user.key, json })).status, 403)
      assert.strictEqual((yield* ask("DELETE", `/api/v1/keys/${runner.record.id}`, { token: user.key })).status, 403)
      assert.strictEqual((yield* ask("GET", "/api/v1/runner", { token: user.key })).status, 403)
      assert.strictEqual((yield* ask("GET", "/api/v1/executions", { token: runner.key })).status, 403)
    }).pipe(Effect.provide(server)))

  it.live("opens one attempt with its token, and no other", () =>
    Effect.gen(function*() {
      const { key } = yield* Grid
      const { assignment } = yield* assigned("1")
      const { execution, fence, token } = assignment
      const other = executionId(Date.now())
      const forged = token.slice(0, -2) + (token.endsWith("AA") ? "BB" : "AA")
      for (
        const [path, bearer] of [
          [attemptPath({ execution, fence: fence + 1 }, "started"), token],
          [attemptPath({ execution: other, fence }, "started"), token],
          [attemptPath(assignment, "started"), key],
          [attemptPath(assignment, "started"), forged],
          ["/api/v1/executions", token]
        ] as const
      ) {
        const method = path.startsWith("/api/v1/attempts") ? "POST" : "GET"
        assert.strictEqual((yield* ask(method, path, { token: bearer })).status, 401)
      }
    }).pipe(Effect.scoped, Effect.provide(server)))
})

describe("questions", () => {
  it.live("answers what is unknown with 404, in JSON", () =>
    Effect.gen(function*() {
      for (const id of [executionId(Date.now()), "nonsense"]) {
        for (const question of ["GET ", "POST /cancel", "POST /uploaded", "GET /logs", "GET /outputs", "GET /stream"]) {
          const [method = "", rest = ""] = question.split(" ")
          const answer = yield* ask(method, `/api/v1/executions/${id}${rest}`)
          assert.strictEqual(answer.status, 404, question)
        }
      }
      const nowhere = yield* ask("GET", "/nowhere")
      assert.strictEqual(nowhere.status, 404)
      assert.match(nowhere.headers.get("content-type") ?? "", /json/)
    }).pipe(Effect.provide(server)))

  it.live("refuses jobs that contradict themselves, and the reuse of a key for another", () =>
    Effect.gen(function*() {
      const good = job(bytes)
      const content = contentOf(bytes)
      const bad = [
        { ...content, parts: [] },
        { ...content, size: 0 },
        { ...content, parts: [content.sha256, content.sha256] }
      ]
      for (const wrong of bad) {
        const json = { ...good, files: [{ ...good.files[0], content: wrong }] }
        assert.strictEqual((yield* ask("POST", "/api/v1/executions", { json })).status, 422)
      }
      const outside = { ...good, files: [{ ...good.files[0], path: "../outside" }] }
      const malformed = yield* ask("POST", "/api/v1/executions", { json: outside })
      assert.strictEqual(malformed.status, 400)
      assert.isAbove(malformed.bytes.length, 0)
      const zero = [
        ask("POST", "/api/v1/executions", { json: { ...job(bytes), script: "a\0.py" } }),
        ask("POST", "/api/v1/keys", { json: { name: "a\0", scopes: ["user"] } }),
        ask("GET", "/api/v1/executions?script=%00")
      ]
      for (const { status } of yield* Effect.all(zero)) assert.strictEqual(status, 400)
      const headers = { "idempotency-key": "k" }
      yield* ask("POST", "/api/v1/executions", { json: good, headers })
      const other = yield* ask("POST", "/api/v1/executions", { json: { ...good, args: ["x"] }, headers })
      assert.strictEqual(other.status, 409)
      assert.strictEqual(yield* codeOf(other), "KeyReused")
    }).pipe(Effect.provide(server)))

  it.live("refuses a body larger than any job", () =>
    Effect.gen(function*() {
      const json = { ...job(bytes), metadata: { big: "x".repeat(17 * 1024 * 1024) } }
      const { status } = yield* ask("POST", "/api/v1/executions", { json })
      assert.include([400, 413], status)
      assert.strictEqual((yield* ask("GET", "/health")).status, 200)
    }).pipe(Effect.provide(server)))
})

describe("signed URLs", () => {
  it.live("stores the very bytes they were signed for, once or often", () =>
    Effect.gen(function*() {
      const { headers, url } = yield* offered
      const put = (body: Uint8Array, to = url) => ask("PUT", to, { token: "", headers, bytes: body })
      const other = new TextEncoder().encode("print(2)")
      assert.strictEqual((yield* put(other)).status, 422)
      for (const wrong of [bytes.subarray(1), new Uint8Array(bytes.length + 1), new Uint8Array(0)]) {
        const { status } = yield* put(wrong)
        assert.isTrue(status >= 400 && status < 500, `${wrong.length} bytes: ${status}`)
      }
      for (let times = 0; times < 2; times++) assert.isBelow((yield* put(bytes)).status, 300)
    }).pipe(Effect.provide(server)))

  it.live("are worth nothing once a letter of them is changed", () =>
    Effect.gen(function*() {
      const { headers, url } = yield* offered
      const put = (to: string) => Effect.map(ask("PUT", to, { token: "", headers, bytes }), ({ status }) => status)
      const names = [...new URL(url, "http://grid").searchParams.keys()]
      assert.isAbove(names.length, 3)
      for (const name of names) assert.strictEqual(yield* put(changed(url, name, "9999999999")), 403, name)
      assert.strictEqual(yield* put(url.replace(sha256(bytes), sha256(new Uint8Array(1)))), 403)
      assert.strictEqual(yield* put(url.replace(/\?.*/, "")), 403)
      const { status } = yield* ask("GET", url, { token: "" })
      assert.strictEqual(status, 403)
      assert.isBelow(yield* put(url), 300)
    }).pipe(Effect.provide(server)))

  it.live("lead nowhere but into the store", () =>
    Effect.gen(function*() {
      const { url } = yield* offered
      const { search } = new URL(url, "http://grid")
      const keys = ["../secrets.json", "%2e%2e%2fsecrets.json", "inputs/..%2f..%2fx", "inputs//x", "logs/a/0/.."]
      for (const key of keys) {
        const { status } = yield* ask("GET", `/objects/${key}${search}`, { token: "" })
        assert.include([400, 403, 404], status, key)
      }
    }).pipe(Effect.provide(server)))

  it.live("take a part of 64 MiB", () =>
    Effect.gen(function*() {
      const large = new Uint8Array(64 * 1024 * 1024)
      for (let at = 0; at < large.length; at += 4096) large[at] = at / 4096 % 251
      const { missing: [part] } = yield* read(Accepted, yield* ask("POST", "/api/v1/executions", { json: job(large) }))
      const { headers, url } = part!.put
      const { status } = yield* ask("PUT", url, { token: "", headers, bytes: large })
      assert.isBelow(status, 300)
    }).pipe(Effect.provide(server)))
})

describe("an attempt", () => {
  it.live("appends only where its log ends: a lost answer is mended by the length in the refusal", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const log = frames(4, 500)
      const half = log.length / 2
      assert.strictEqual((yield* append(assignment, 0, log.subarray(0, half))).status, 200)
      const repeated = yield* append(assignment, 0, log.subarray(0, half))
      assert.strictEqual(repeated.status, 409)
      assert.deepStrictEqual(yield* read(Length, repeated), { length: half })
      const ahead = yield* append(assignment, log.length, log.subarray(half))
      assert.deepStrictEqual(yield* read(Length, ahead), { length: half })
      const rest = yield* append(assignment, half, log.subarray(half))
      assert.deepStrictEqual(yield* read(Length, rest), { length: log.length })
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("appends whole frames or nothing, and no more at once than is buffered", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const log = frames(2, 500)
      for (const wrong of [log.subarray(0, log.length - 1), new Uint8Array(100).fill(9), new Uint8Array(10)]) {
        assert.strictEqual((yield* append(assignment, 0, wrong)).status, 422)
      }
      assert.strictEqual((yield* append(assignment, 0, frames(80, 64 * 1024))).status, 413)
      assert.deepStrictEqual(yield* read(Length, yield* append(assignment, 0, log)), { length: log.length })
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("ends only with a log and outputs that are there, and then for good", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const log = frames(4, 500)
      const whole = settlement(log, { offset: 0, frames: log })
      const short = settlement(log, { offset: 0, frames: log.subarray(0, log.length / 2) })
      const content = contentOf(new Uint8Array(3))
      const output = { path: "never/sent", type: "file", mode: 0o644, modifiedAt: 1, content }
      const missing = { ...whole, manifest: { ...whole.manifest, outputs: [output] } }
      assert.strictEqual((yield* say(assignment, "settle", missing)).status, 422)
      const early = yield* say(assignment, "settle", short)
      assert.strictEqual(early.status, 409)
      const { length } = yield* read(Length, early)
      const rest = settlement(log, { offset: length, frames: log.subarray(length) })
      assert.strictEqual((yield* say(assignment, "settle", rest)).status, 200)
      assert.strictEqual((yield* say(assignment, "lose", { detail: "too late" })).status, 410)
      assert.strictEqual((yield* say(assignment, "started")).status, 410)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("can't touch what another attempt holds now", () =>
    Effect.gen(function*() {
      const { assignment, runner } = yield* assigned("1")
      assert.strictEqual((yield* say(assignment, "lose", { detail: "disk full" })).status, 200)
      yield* runner.say({ _tag: "Ask", free: 1 })
      const { attempts: [second] } = yield* runner.hear("Assign")
      assert.strictEqual(second?.fence, assignment.fence + 1)
      const log = frames(1, 10)
      const end = settlement(log, { offset: 0, frames: log })
      const none = { parts: [] }
      const said = { started: undefined, lose: { detail: "" }, settle: end, inputs: none, outputs: none }
      for (const [verb, json] of Object.entries(said)) {
        const answer = yield* say(assignment, verb, json)
        assert.strictEqual(answer.status, 410, verb)
        assert.strictEqual(yield* codeOf(answer), "AttemptStale")
      }
      assert.strictEqual((yield* say(second!, "settle", end)).status, 200)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("gets links to its own inputs only", () =>
    Effect.gen(function*() {
      const others = new TextEncoder().encode("another job")
      yield* assigned("another job")
      const { assignment } = yield* assigned("mine")
      assert.strictEqual((yield* say(assignment, "inputs", { parts: [sha256(others)] })).status, 422)
    }).pipe(Effect.scoped, Effect.provide(server)))
})
