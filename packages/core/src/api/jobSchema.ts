/** What a job is made of, for editors and for programs in other languages. */
import * as Schema from "effect/Schema"
import { JobSpec } from "../domain/JobSpec.ts"

export const jobSchemaPath = "/api/v1/jobspec.schema.json"

/** As `POST /api/v1/executions` takes it; what is left out has its default. */
export const jobSchema = () => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(JobSpec, { onExcessProperty: "error", generateDescriptions: true })
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title: "RGrid job", ...schema, $defs: definitions }
}
