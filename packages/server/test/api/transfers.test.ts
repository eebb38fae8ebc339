/** Uploads and appends as clients really send them: large, in pieces, twice, and cut short. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { request } from "node:http"
import { Accepted, LogPage } from "rgrid/api/Executions"
import { frames } from "./frames.ts"
import { ask, Grid, job, read, server } from "./harness.ts"
import { append, assigned, attemptPath, Length } from "./runner.ts"

const large = new Uint8Array(20 * 1024 * 1024).map((_, at) => at * 7 % 253)

const offered = Effect.gen(function*() {
  const { missing } = yield* read(Accepted, yield* ask("POST", "/api/v1/executions", { json: job(large) }))
  return missing[0]!.put
})

interface Sending {
  readonly method: string
  readonly path: string
  readonly token?: string
  readonly bytes: Uint8Array
  /** Announced, and never sent whole. Absent: sent without a length. */
  readonly announced?: number
}

/** The status, or 0 when the connection ended instead. */
const send = Effect.fnUntraced(function*({ announced, bytes, method, path, token }: Sending) {
  const { url } = yield* Grid
  return yield* Effect.callback<number>((resume) => {
    const headers = {
      "content-type": "application/octet-stream",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(announced === undefined ? { "transfer-encoding": "chunked" } : { "content-length": announced })
    }
    const sent = request(new URL(path, url), { method, headers }, (response) => {
      response.resume()
      resume(Effect.succeed(response.statusCode ?? 0))
    })
    sent.on("error", () => resume(Effect.succeed(0)))
    if (announced === undefined) sent.end(bytes)
    else sent.write(bytes, () => setTimeout(() => sent.destroy(), 100))
  })
})

describe("transfers", () => {
  it.live("take the same large part twice, and once without a length", () =>
    Effect.gen(function*() {
      const { headers, url } = yield* offered
      for (let times = 0; times < 3; times++) {
        assert.isBelow((yield* ask("PUT", url, { token: "", headers, bytes: large })).status, 300)
      }
      const status = yield* send({ method: "PUT", path: url, bytes: large })
      assert.isTrue(status < 300 || status === 411, String(status))
    }).pipe(Effect.provide(server)))

  it.live("store nothing of an upload that is cut short, and take it again", () =>
    Effect.gen(function*() {
      const { headers, url } = yield* offered
      const half = { method: "PUT", path: url, bytes: large.subarray(0, large.length / 2), announced: large.length }
      assert.strictEqual(yield* send(half), 0)
      assert.isBelow((yield* ask("PUT", url, { token: "", headers, bytes: large })).status, 300)
    }).pipe(Effect.provide(server)))

  it.live("refuse an append that turns out too large, and say that it was that", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const path = `${attemptPath(assignment, "log")}?offset=0`
      const flood = frames(80, 64 * 1024)
      assert.strictEqual(yield* send({ method: "POST", path, token: assignment.token, bytes: flood }), 413)
      const log = frames(1, 10)
      assert.deepStrictEqual(yield* read(Length, yield* append(assignment, 0, log)), { length: log.length })
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("keep a log whole when the connection of an append is cut", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const log = frames(60, 32 * 1024)
      const path = `${attemptPath(assignment, "log")}?offset=0`
      const half = log.subarray(0, log.length / 2)
      yield* send({ method: "POST", path, token: assignment.token, bytes: half, announced: log.length })
      const answer = yield* append(assignment, 0, log)
      const { length } = yield* read(Length, answer)
      assert.include([0, log.length / 2, log.length], length)
      if (answer.status === 409) yield* append(assignment, length, log.subarray(length))
      const segments: Array<Uint8Array> = []
      for (let offset = 0, more = true; more;) {
        const at = `/api/v1/executions/${assignment.execution}/logs?offset=${offset}`
        const page: LogPage = yield* read(LogPage, yield* ask("GET", at))
        segments.push(...page.segments.map(({ bytes }) => bytes))
        more = page.segments.length > 0
        offset = page.next
      }
      assert.strictEqual(segments.length, 60)
    }).pipe(Effect.scoped, Effect.provide(server)))
})
