/** The same job once more: what a person may change of it, and the job that follows. */
import * as Schema from "effect/Schema"
import { Environment, type JobSpec, Resources } from "./JobSpec.ts"

/** What is absent stays as it was. */
export const RetryOverrides = Schema.Struct({
  resources: Schema.optionalKey(Resources),
  timeoutSeconds: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** Added to the variables it had. One that was a secret stays masked. */
  env: Schema.optionalKey(Environment)
}).annotate({ identifier: "RetryOverrides" })
export type RetryOverrides = typeof RetryOverrides.Type

export const repeated = (spec: JobSpec, { env = {}, resources, timeoutSeconds }: RetryOverrides): JobSpec => {
  const given = Object.entries(env)
  const isSecret = ([name]: readonly [string, string]) => Object.hasOwn(spec.secrets, name)
  return {
    ...spec,
    env: { ...spec.env, ...Object.fromEntries(given.filter((pair) => !isSecret(pair))) },
    secrets: { ...spec.secrets, ...Object.fromEntries(given.filter(isSecret)) },
    resources: { ...spec.resources, ...resources },
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds })
  }
}
