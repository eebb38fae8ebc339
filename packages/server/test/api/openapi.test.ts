/** The document that clients in other languages are made from. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as HttpApi from "effect/http-api/HttpApi"
import { Api } from "rgrid/api/Api"
import { wordsOf } from "../../src/http/openapi/words.ts"
import { ask, read, server } from "./harness.ts"

const Media = Schema.Record(
  Schema.String,
  Schema.Struct({ schema: Schema.Unknown, example: Schema.optionalKey(Schema.Unknown) })
)
const Operation = Schema.Struct({
  operationId: Schema.String,
  summary: Schema.String,
  tags: Schema.Array(Schema.String),
  security: Schema.Array(Schema.Record(Schema.String, Schema.Array(Schema.String))),
  parameters: Schema.Array(Schema.Struct({
    name: Schema.String,
    in: Schema.String,
    description: Schema.String,
    schema: Schema.Record(Schema.String, Schema.Unknown)
  })),
  requestBody: Schema.optionalKey(Schema.Struct({ content: Media })),
  responses: Schema.Record(
    Schema.String,
    Schema.Struct({ description: Schema.String, content: Schema.optionalKey(Media) })
  )
})
const Document = Schema.Struct({
  openapi: Schema.String,
  paths: Schema.Record(Schema.String, Schema.Record(Schema.String, Operation)),
  components: Schema.Struct({
    schemas: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown)),
    securitySchemes: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown))
  })
})

const document = Effect.flatMap(ask("GET", "/openapi.json", { token: "" }), (answer) => read(Document, answer))

const operations = Effect.map(
  document,
  ({ paths }) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation }))
    )
)

const refsIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => key === "$ref" ? [String(item)] : refsIn(item))
}

/** What an example must be, by operation and where it stands in it. */
const contract = new Map<string, Schema.ConstraintDecoder<unknown, never>>()
HttpApi.reflect(Api, {
  onGroup: () => undefined,
  onEndpoint: ({ endpoint, group, successes }) => {
    if (group.identifier === "attempts" || group.topLevel) return
    const { name } = wordsOf(`${group.identifier}.${endpoint.identifier}`)
    // The contract's own schemas need no service.
    const add = (when: string, schema: Schema.Top) =>
      void contract.set(`${name} ${when}`, schema as unknown as Schema.ConstraintDecoder<unknown, never>)
    for (const { schemas: [schema] } of endpoint.payload.values()) add("posted", schema)
    for (const [status, [schema]] of successes) add(String(status), schema)
  }
})

describe("the document", () => {
  it.live("names every operation in plain words, once, and tells nothing of runners", () =>
    Effect.gen(function*() {
      const all = yield* operations
      const names = all.map(({ operationId }) => operationId)
      assert.strictEqual(new Set(names).size, names.length)
      for (const name of names) assert.match(name, /^[a-z]+([A-Z][a-z]+)*$/)
      for (const name of ["submitExecution", "getExecution", "getLogs", "getOutput", "submitBatch"]) {
        assert.include(names, name)
      }
      assert.deepStrictEqual(
        all.filter(({ path }) => /attempts|runner/.test(path)),
        []
      )
    }).pipe(Effect.provide(server)))

  it.live("declares a problem document for whatever is refused", () =>
    Effect.gen(function*() {
      for (const { operationId, responses, security } of yield* operations) {
        const refused = Object.entries(responses).filter(([status]) => Number(status) >= 400)
        assert.includeMembers(refused.map(([status]) => status), ["400", "500"], operationId)
        if (operationId === "getHealth") assert.deepStrictEqual(security, [])
        else assert.deepStrictEqual(security, [{ key: [] }], operationId)
        for (const [status, { content = {} }] of refused) {
          assert.deepStrictEqual(Object.keys(content), ["application/problem+json"], `${operationId} ${status}`)
        }
      }
    }).pipe(Effect.provide(server)))

  it.live("has components for every reference, and names in them that generators take", () =>
    Effect.gen(function*() {
      const { components, openapi, paths } = yield* document
      assert.match(openapi, /^3\.1\./)
      const known = Object.keys(components.schemas)
      for (const name of known) assert.match(name, /^[A-Z][A-Za-z0-9]*$/)
      for (const ref of [...refsIn(paths), ...refsIn(components)]) {
        assert.include(known, ref.replace("#/components/schemas/", ""))
      }
      const problems = Object.values(components.schemas).filter(({ properties }) => "remediation" in Object(properties))
      assert.isAbove(problems.length, 8)
      for (const { required } of problems) {
        assert.includeMembers(required as Array<string>, ["type", "title", "status", "detail", "code"])
      }
      assert.deepInclude(components.securitySchemes["key"], { type: "http", scheme: "bearer" })
    }).pipe(Effect.provide(server)))

  it.live("has numbers where programs have numbers, and bytes where bytes go", () =>
    Effect.gen(function*() {
      const byName = new Map((yield* operations).map((operation) => [operation.operationId, operation]))
      const parameter = (operation: string, name: string) =>
        byName.get(operation)?.parameters.find((one) => one.name === name)?.schema
      assert.deepInclude(parameter("listExecutions", "limit"), { type: "integer" })
      assert.deepInclude(parameter("getExecution", "wait"), { type: "integer" })
      assert.deepInclude(parameter("getLogs", "follow"), { type: "boolean" })
      assert.deepInclude(parameter("getOutput", "path"), { type: "string" })
      const bytes = { schema: { type: "string", format: "binary" } }
      assert.deepInclude(byName.get("getOutput")?.responses["200"]?.content, { "application/octet-stream": bytes })
      assert.deepInclude(byName.get("submitBatch")?.requestBody?.content["application/x-ndjson"], bytes)
      const { components } = yield* document
      assert.deepStrictEqual(components.schemas["JobSpec"]?.["required"], ["runtime", "script"])
      assert.hasAllKeys(components.schemas["Failure"], ["oneOf", "discriminator"])
    }).pipe(Effect.provide(server)))

  it.live("has examples that are what the contract says, posted and answered", () =>
    Effect.gen(function*() {
      const decoded: Array<string> = []
      for (const { operationId, requestBody, responses } of yield* operations) {
        const bodies = [["posted", requestBody] as const, ...Object.entries(responses)]
        for (const [when, content] of bodies) {
          const example = content?.content?.["application/json"]?.example
          if (example === undefined) continue
          const schema = contract.get(`${operationId} ${when}`) ?? assert.fail(`${operationId} ${when} has no schema`)
          yield* Schema.decodeUnknownEffect(schema, { onExcessProperty: "error" })(example)
          decoded.push(`${operationId} ${when}`)
        }
      }
      assert.sameMembers(decoded, [
        "submitExecution posted", "submitExecution 201", "getExecution 200", "listOutputs 200", "retryExecution posted",
        "retryBatch posted", "createKey posted", "sendPartsAgain posted"
      ])
    }).pipe(Effect.provide(server)))

  it.live("shows an execution that is not there only where one is asked for", () =>
    Effect.gen(function*() {
      const shown = (yield* operations).flatMap(({ operationId, path, responses }) =>
        Object.values(responses["404"]?.content ?? {}).some(({ example }) => example !== undefined) ? [{ operationId, path }] : [])
      assert.include(shown.map(({ operationId }) => operationId), "getExecution")
      for (const { path } of shown) assert.match(path, /^\/api\/v1\/executions/)
    }).pipe(Effect.provide(server)))

  it.live("has examples that a server takes", () =>
    Effect.gen(function*() {
      const byName = new Map((yield* operations).map((operation) => [operation.operationId, operation]))
      const posted = (name: string) => byName.get(name)?.requestBody?.content["application/json"]?.example
      const lines = byName.get("submitBatch")?.requestBody?.content["application/x-ndjson"]?.example
      const batch = { bytes: new TextEncoder().encode(String(lines)), headers: { "content-type": "application/x-ndjson" } }
      assert.strictEqual((yield* ask("POST", "/api/v1/batches", batch)).status, 201)
      const json = posted("submitExecution")
      assert.strictEqual((yield* ask("POST", "/api/v1/executions", { json })).status, 201)
    }).pipe(Effect.provide(server)))
})
