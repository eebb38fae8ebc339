/** The contract as its users read it: `GET /openapi.json` and the page at `/docs`. What runners say is no part of it. */
import * as HttpApi from "effect/http-api/HttpApi"
import * as OpenApi from "effect/http-api/OpenApi"
import { Api } from "rgrid/api/Api"
import { BatchHead, BatchItem } from "rgrid/domain/Batch"
import { problemExample } from "./fields.ts"
import { paths } from "./operations.ts"
import { components, type Json } from "./schemas.ts"
import { groups } from "./words.ts"

const description = `Run any script, unchanged, somewhere else: once or ten thousand times.

Post a job (\`submitExecution\`), send the parts of its files that the grid lacks by the PUTs it answers with, confirm them,
ask with \`wait\` until it has ended, then read its log and download what it made. A refusal is a problem document (RFC
9457): \`code\` is for programs, \`detail\` and \`remediation\` are for people.`

const text = { type: "string" }

/** What all problems have; each kind has its own facts beside. */
const problem = {
  type: "object",
  properties: {
    type: { ...text, description: "Names the kind of problem." },
    title: { ...text, description: "The kind in words." },
    status: { type: "integer", description: "The HTTP status." },
    detail: { ...text, description: "What happened." },
    instance: { ...text, description: "The path that was asked for." },
    code: { ...text, description: "What a program tells problems apart by." },
    remediation: { ...text, description: "What to do." }
  },
  required: ["type", "title", "status", "detail", "code"],
  additionalProperties: true,
  example: problemExample
}

const key = {
  type: "http",
  scheme: "bearer",
  bearerFormat: "rgrid_live_…",
  description:
    "A key of the grid: an admin makes one with `rgrid keys create`; of a grid on this machine `rgrid up --json` tells it."
}

const transform = (spec: Json): Record<string, unknown> => {
  const { schemas } = spec["components"] as { readonly schemas: Json }
  const tags = Object.keys(groups).map((name) => ({ name, description: groups[name] }))
  return {
    ...spec,
    info: { title: "RGrid", version: "1", description, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/", description: "The grid that told this document." }],
    paths: paths(spec["paths"] as Json),
    components: { schemas: { ...components(schemas), Problem: problem }, securitySchemes: { key } },
    security: [{ key: [] }],
    tags
  }
}

/** The same contract, with its document's words. */
export const Documented = Api
  .annotate(HttpApi.AdditionalSchemas, [BatchHead, BatchItem])
  .annotate(OpenApi.Transform, transform)
