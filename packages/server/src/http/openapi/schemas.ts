/** Components as a generator of clients wants them: named, and open to fields that a newer server adds. */
import { fields } from "./fields.ts"

export type Json = Readonly<Record<string, unknown>>

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The contract's numbers are exact in JSON: their bounds say nothing to anybody else. */
const largest = Number.MAX_SAFE_INTEGER

const spare = (key: string, value: unknown, owner: Json): boolean =>
  (key === "additionalProperties" && value === false) ||
  (key === "maximum" && value === largest) || (key === "minimum" && value === -largest) ||
  key === "x-effect-stream" || (key === "propertyNames" && isJson(owner["additionalProperties"]))

const renamed = (ref: string): string => ref.replace("#/$defs/", "#/components/schemas/").replace(/Encoded$/, "")

const whole = (owner: Json): Json => owner["type"] === "integer" ? { format: "int64" } : {}

/** What checks alone tell apart is the same to a generator: each kind once, and one kind is no choice. */
const chosen = (schema: Json): Json => {
  const { anyOf, ...others } = schema
  if (!Array.isArray(anyOf)) return schema
  const kinds = [...new Map(anyOf.map((kind) => [JSON.stringify(kind), kind])).values()]
  return kinds.length === 1 && isJson(kinds[0]) ? { ...kinds[0], ...others } : { ...others, anyOf: kinds }
}

/** Every schema of the document, deep inside too. */
export const tidied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(tidied)
  if (!isJson(value)) return value
  const entries = Object.entries(value).filter(([key, item]) => !spare(key, item, value))
  return chosen({
    ...Object.fromEntries(entries.map(([key, item]) => [key, key === "$ref" ? renamed(String(item)) : tidied(item)])),
    ...whole(value)
  })
}

const tagOf = (schema: unknown): string | null => {
  if (!isJson(schema) || !isJson(schema["properties"])) return null
  const tag = schema["properties"]["_tag"]
  const values = isJson(tag) && Array.isArray(tag["enum"]) ? tag["enum"] : []
  return values.length === 1 ? String(values[0]) : null
}

/** The kinds of a union, each by its own name, told apart by `_tag`. */
const kindsOf = (schema: unknown): ReadonlyMap<string, Json> | null => {
  const kinds = isJson(schema) && Array.isArray(schema["anyOf"]) ? schema["anyOf"] : []
  const named = kinds.flatMap((kind): Array<readonly [string, Json]> => {
    const tag = tagOf(kind)
    return tag === null || !isJson(kind) ? [] : [[tag, kind]]
  })
  return named.length > 0 && named.length === kinds.length ? new Map(named) : null
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const unionOf = (names: ReadonlyArray<string>) => ({
  oneOf: names.map(ref),
  discriminator: { propertyName: "_tag", mapping: Object.fromEntries(names.map((name) => [name, ref(name).$ref])) }
})

const isTime = (name: string, schema: unknown): boolean =>
  name.endsWith("At") && isJson(schema) && schema["type"] === "string"

const property = (name: string, schema: unknown, words: Readonly<Record<string, string>>): unknown => {
  const nullable = isJson(schema) && Array.isArray(schema["anyOf"]) ? schema["anyOf"] : null
  const timed = isTime(name, schema)
    ? { ...(schema as Json), format: "date-time" }
    : nullable?.some((one) => isTime(name, one))
    ? { anyOf: nullable.map((one) => isTime(name, one) ? { ...(one as Json), format: "date-time" } : one) }
    : schema
  const description = words[name]
  return description === undefined || !isJson(timed) ? timed : { ...timed, description }
}

/** A server says all of these; the contract has them optional so that a client reads whatever it gets. */
const always = ["type", "title", "status", "detail", "code", "remediation"]

const described = (name: string, schema: Json): Json => {
  const properties = schema["properties"]
  if (!isJson(properties)) return schema
  const isProblem = "remediation" in properties
  const required = Array.isArray(schema["required"]) ? schema["required"] : []
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, item]) => [key, property(key, item, fields[name] ?? {})])
    ),
    ...(isProblem ? { required: [...new Set([...required, ...always])] } : {})
  }
}

export const components = (schemas: Json): Json => {
  const found: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(schemas)) {
    const name = key.replace(/Encoded$/, "")
    const tidy = tidied(schema)
    const kinds = kindsOf(tidy)
    if (kinds === null) found[name] = isJson(tidy) ? described(name, tidy) : tidy
    else {
      found[name] = unionOf([...kinds.keys()])
      for (const [kind, its] of kinds) found[kind] = described(kind, its)
    }
  }
  return found
}
