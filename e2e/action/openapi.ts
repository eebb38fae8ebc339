/** GitHub's published description of its API: which operation a request is, and what is wrong with it. */
import { Ajv, type ValidateFunction } from "ajv"
import addFormats from "ajv-formats"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, dirname } from "node:path"

const package_ = dirname(createRequire(import.meta.url).resolve("@octokit/openapi/package.json"))
const document: any = JSON.parse(readFileSync(join(package_, "generated/api.github.com.json"), "utf8"))

// OpenAPI 3.0 has words that JSON Schema has not; `nullable` Ajv knows.
const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false })
addFormats.default(ajv)
ajv.addSchema({ $id: "github", components: document.components })

const known = new Map<string, ValidateFunction>()

const absolute = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll("\"#/components/", "\"github#/components/"))

const errorsOf = (name: string, schema: unknown, value: unknown): ReadonlyArray<string> => {
  const validate = known.get(name) ?? ajv.compile(absolute(schema) as object)
  known.set(name, validate)
  return validate(value) ? [] : validate.errors!.map(({ instancePath, message }) => `${name}${instancePath} ${message}`)
}

const resolved = (value: any): any =>
  typeof value?.$ref === "string"
    ? value.$ref.slice(2).split("/").reduce((at: any, key: string) => at[key], document)
    : value

export interface Operation {
  readonly id: string
  readonly path: Readonly<Record<string, string>>
  readonly definition: any
}

const template = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>[^/]+)`)}$`)

const operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
  Object.entries<any>(methods).map(([method, definition]) => ({ method, pattern: template(path), definition, isFixed: !path.includes("{") })))

export const operationOf = (method: string, path: string): Operation | null => {
  const found = operations.filter((one) => one.method === method.toLowerCase() && one.pattern.test(path))
    .toSorted((one, other) => Number(other.isFixed) - Number(one.isFixed))[0]
  if (found === undefined) return null
  const groups = found.pattern.exec(path)!.groups ?? {}
  const values = Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]))
  return { id: found.definition.operationId, path: values, definition: found.definition }
}

const typed = (schema: any, text: string): unknown => schema?.type === "integer" && /^-?\d+$/.test(text) ? Number(text) : text

/** Every parameter, every field of the body, and that there are no others. */
export const requestErrors = ({ definition, id, path }: Operation, query: URLSearchParams, body: unknown): ReadonlyArray<string> => {
  const parameters: ReadonlyArray<any> = (definition.parameters ?? []).map(resolved)
  const given = (place: string, name: string) => place === "path" ? path[name] : query.get(name) ?? undefined
  const ofParameters = parameters.flatMap(({ in: place, name, required, schema }) => {
    const value = given(place, name)
    if (value === undefined) return required === true ? [`${id} lacks ${name}`] : []
    return errorsOf(`${id} ${name}`, schema, typed(resolved(schema), value))
  })
  const unknown = [...query.keys()].filter((name) => !parameters.some((one) => one.in === "query" && one.name === name))
  const schema = definition.requestBody?.content["application/json"]?.schema
  if (schema === undefined) return [...ofParameters, ...unknown, ...(body === undefined ? [] : [`${id} has a body`])]
  const names = Object.keys(resolved(schema).properties ?? {})
  const surplus = Object.keys(body ?? {}).filter((name) => !names.includes(name))
  return [...ofParameters, ...unknown, ...surplus.map((name) => `${id} knows no ${name}`), ...errorsOf(`${id} body`, schema, body)]
}

export const responseErrors = ({ definition, id }: Operation, status: number, body: unknown): ReadonlyArray<string> => {
  const response = resolved(definition.responses[String(status)])
  const schema = response?.content?.["application/json"]?.schema
  return schema === undefined ? [`${id} answers no ${status}`] : errorsOf(`${id} ${status}`, schema, body)
}

/** GitHub's own example of an answer. */
export const example = (name: string): any => structuredClone(document.components.examples[name].value)
