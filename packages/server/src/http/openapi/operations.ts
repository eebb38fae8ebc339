/** Operations with their words, and parameters as a program has them: the contract knows them as text. */
import * as Schema from "effect/Schema"
import * as HttpApi from "effect/http-api/HttpApi"
import { Api } from "rgrid/api/Api"
import { answers, examples, problemExample } from "./fields.ts"
import { isJson, type Json, tidied } from "./schemas.ts"
import { parameters, wordsOf } from "./words.ts"

const ownSchemas = (schema: Schema.Top | undefined): Json => {
  if (schema === undefined) return {}
  const { schema: own } = Schema.toJsonSchemaDocument(Schema.toType(schema))
  return isJson(own["properties"]) ? own["properties"] : {}
}

/** Parameters' own types, by operation as the contract names it. */
const typed = (): ReadonlyMap<string, Json> => {
  const found = new Map<string, Json>()
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint, group }) => {
      const name = group.topLevel ? endpoint.identifier : `${group.identifier}.${endpoint.identifier}`
      found.set(name, {
        ...ownSchemas(endpoint.params),
        ...ownSchemas(endpoint.headers),
        ...ownSchemas(endpoint.query)
      })
    }
  })
  return found
}

const listed = (value: unknown): ReadonlyArray<Json> => Array.isArray(value) ? value.filter(isJson) : []

const parameter = (given: Json, types: Json, own: Readonly<Record<string, string>>): Json => {
  const name = String(given["name"])
  const description = own[name] ?? parameters[name]
  if (description === undefined) throw new Error(`words.ts has none for the parameter ${name}`)
  return { ...given, description, schema: tidied(types[name] ?? given["schema"]) }
}

const problemContent = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } }

/** What a body can be refused for, whatever it says. */
const unread = {
  413: { description: "The body is too large", content: problemContent },
  415: { description: "The body has another Content-Type", content: problemContent }
}

const ndjson = (name: string) => ({
  schema: { type: "string", format: "binary" },
  ...(examples[name] === undefined ? {} : { example: examples[name] })
})

const body = (given: unknown, name: string): Json => {
  if (!isJson(given) || !isJson(given["content"])) return {}
  const example = examples[name]
  const content = Object.entries(given["content"]).flatMap(([type, media]): Array<readonly [string, unknown]> => {
    if (name === "submitBatch") return [[type, ndjson(name)]]
    return [[type, { ...(tidied(media) as Json), ...(example === undefined ? {} : { example }) }]]
  })
  return { requestBody: { ...given, content: Object.fromEntries(content) } }
}

/** Bytes by the contract; whoever asks for a log wants to read it. */
const text = { description: "As the script wrote it", content: { "text/plain": { schema: { type: "string" } } } }

/** With an example of what it answers. */
const shown = (response: unknown, example: unknown): Json => {
  if (!isJson(response) || !isJson(response["content"]) || example === undefined) return response as Json
  const content = Object.entries(response["content"]).map(([type, media]) => [type, { ...(media as Json), example }])
  return { ...response, content: Object.fromEntries(content) }
}

const isDone = (status: string): boolean => status.startsWith("2")

interface Operation {
  readonly name: string
  readonly hasBody: boolean
  /** About an execution, which may be missing. */
  readonly ofExecutions: boolean
}

const responses = (given: unknown, { hasBody, name, ofExecutions }: Operation): Json => {
  const told = { ...(tidied(given) as Json), ...(name === "getLogs" ? { 200: text } : {}), ...(hasBody ? unread : {}) }
  const exampleOf = (status: string) => isDone(status) ? answers[name] : status === "404" && ofExecutions ? problemExample : undefined
  return Object.fromEntries(Object.entries(told).map(([status, one]) => [status, shown(one, exampleOf(status))]))
}

const operation = (given: Json, types: Json): Json => {
  const identifier = String(given["operationId"])
  const { description, name, parameters: own = {}, summary } = wordsOf(identifier)
  const { requestBody, ...others } = given
  return {
    ...others,
    operationId: name,
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: listed(given["parameters"]).map((one) => parameter(one, types, own)),
    ...body(requestBody, name),
    responses: responses(given["responses"], {
      name,
      hasBody: requestBody !== undefined,
      ofExecutions: identifier.startsWith("executions.")
    })
  }
}

export const paths = (given: Json): Json => {
  const types = typed()
  return Object.fromEntries(
    Object.entries(given).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods as Json).map(([method, one]) => {
          const its = one as Json
          return [method, operation(its, types.get(String(its["operationId"])) ?? {})]
        })
      )
    ])
  )
}
