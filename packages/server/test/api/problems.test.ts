/** Whatever the server refuses, it says in a problem document. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Problems } from "rgrid/api/Api"
import { Unavailable } from "rgrid/api/Errors"
import { executionId } from "rgrid/domain/Id"
import { answer, layer as problems } from "../../src/http/problems.ts"
import { ask, job, read, server } from "./harness.ts"

const Problem = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  code: Schema.String,
  instance: Schema.optionalKey(Schema.String),
  remediation: Schema.optionalKey(Schema.String),
  errors: Schema.optionalKey(
    Schema.Array(Schema.Struct({ path: Schema.Array(Schema.Unknown), message: Schema.String }))
  )
})

const body = new TextEncoder().encode("print(1)")

const refused = Effect.fnUntraced(function*(...asked: Parameters<typeof ask>) {
  const answered = yield* ask(...asked)
  const problem = yield* read(Problem, answered)
  assert.strictEqual(answered.headers.get("content-type"), "application/problem+json", `${asked[0]} ${asked[1]}`)
  assert.strictEqual(problem.status, answered.status)
  assert.isNotEmpty(problem.title)
  assert.isNotEmpty(problem.detail)
  return problem
})

/** What a handler of the contract runs with. */
const asked = Context.make(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(new Request("http://grid/"))).pipe(
  Context.add(HttpServerRequest.ParsedSearchParams, {}),
  Context.add(HttpRouter.RouteContext, { params: {}, route: HttpRouter.route("GET", "/", HttpServerResponse.empty()) })
)

describe("a problem", () => {
  it.live("has RFC 9457's members, a code, what to do, and the path it is about", () =>
    Effect.gen(function*() {
      const id = executionId(Date.now())
      assert.deepInclude(yield* refused("GET", `/api/v1/executions/${id}?wait=0`), {
        type: "urn:rgrid:problem:NotFound",
        title: "No such thing",
        status: 404,
        code: "NotFound",
        detail: `There is no execution ${id}.`,
        remediation: "GET /api/v1/executions lists those of your account.",
        instance: `/api/v1/executions/${id}`
      })
      const key = yield* refused("GET", "/api/v1/executions", { token: "nonsense" })
      assert.deepInclude(key, { code: "Unauthorized", status: 401, instance: "/api/v1/executions" })
      assert.match(key.remediation ?? "", /Bearer/)
    }).pipe(Effect.provide(server)))

  it.live("names the place of what is malformed", () =>
    Effect.gen(function*() {
      const json = { ...job(body), resources: { cpu: "two" } }
      const problem = yield* refused("POST", "/api/v1/executions", { json })
      assert.deepInclude(problem, { code: "Malformed", status: 400, type: "urn:rgrid:problem:Malformed" })
      assert.deepStrictEqual(problem.errors?.[0]?.path, ["payload", "resources", "cpu"])
      const page = yield* refused("GET", "/api/v1/executions?limit=0")
      assert.deepStrictEqual(page.errors?.[0]?.path, ["query", "limit"])
    }).pipe(Effect.provide(server)))

  it.live("answers what is no route, no link, no WebSocket and no JSON", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* refused("GET", "/nowhere")).status, 404)
      assert.strictEqual((yield* refused("GET", "/objects/inputs/x")).status, 403)
      assert.strictEqual((yield* refused("GET", "/api/v1/executions/nonsense/stream")).code, "NotFound")
      assert.strictEqual((yield* refused("GET", "/api/v1/runner", { token: "" })).code, "Unauthorized")
      const text = { headers: { "content-type": "text/plain" }, bytes: body }
      assert.strictEqual((yield* refused("POST", "/api/v1/executions", text)).status, 415)
      const broken = { headers: { "content-type": "application/json" }, bytes: body }
      assert.strictEqual((yield* refused("POST", "/api/v1/executions", broken)).status, 400)
      const large = { bytes: new Uint8Array(5 * 1024 * 1024) }
      assert.strictEqual(
        (yield* refused("POST", `/api/v1/executions/${executionId(0)}/stdin?offset=0`, large)).status,
        413
      )
    }).pipe(Effect.provide(server)))

  it.live("is about whatever path was asked for", () =>
    Effect.gen(function*() {
      const request = HttpServerRequest.fromWeb(new Request("http://grid//?wait=1"))
      const stopping = answer(new Unavailable({ part: "grid", detail: "it is stopping" }))
      const response = HttpServerResponse.toWeb(yield* Effect.provideService(stopping, HttpServerRequest.HttpServerRequest, request))
      assert.strictEqual(response.status, 503)
      assert.deepInclude(yield* Effect.promise(() => response.json()), { instance: "//" })
    }))

  it.live("keeps what was told beside a status alone", () =>
    Effect.gen(function*() {
      const headers = { "retry-after": "5" }
      const bare = HttpServerResponse.text("no", { status: 415, headers })
      const worded = (yield* Problems)(Effect.succeed(bare), Object(null))
      const response = HttpServerResponse.toWeb(yield* Effect.provide(worded, asked))
      const type = response.headers.get("content-type")
      assert.deepStrictEqual([response.headers.get("retry-after"), type], ["5", "application/problem+json"])
      assert.deepInclude(yield* Effect.promise(() => response.json()), { status: 415 })
    }).pipe(Effect.scoped, Effect.provide(problems)))
})
