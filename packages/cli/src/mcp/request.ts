/** What an assistant asks for as a job, with what the project's file says where it says nothing. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { join, resolve } from "node:path"
import type { RunRequest } from "rgrid/client/prepare"
import { projectEnv, projectInclude, projectJob, readConfig } from "rgrid/client/projectConfig"
import { memory } from "../input.ts"

const optional = <S extends Schema.Top>(schema: S, description: string) =>
  Schema.optionalKey(schema.annotate({ description }))

const seconds = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3600 }))

export const waitSeconds = (byDefault: number) =>
  optional(
    seconds,
    `How long this call waits for the end, in seconds, 0 to 3600; default ${byDefault}. The script goes on all the same.`
  )

export const RunInput = Schema.Struct({
  script: Schema.NonEmptyString.annotate({
    description: "The script's path, relative to cwd. It is sent with what it imports."
  }),
  args: optional(Schema.Array(Schema.String), "Its arguments. Files that they name are sent too."),
  cwd: optional(Schema.String, "Directory to run in; default: the one this server was started in."),
  runtime: optional(Schema.String, "python:3.11, node:24, bash, … or an image; default: told by the script."),
  env: optional(Schema.Record(Schema.String, Schema.String), "Environment variables."),
  stdin: optional(Schema.String, "What it reads on stdin."),
  include: optional(Schema.Array(Schema.String), "Files and patterns to send beside what the script names."),
  requirements: optional(
    Schema.String,
    "File of packages to install first, or none; default: found beside the script."
  ),
  timeoutSeconds: optional(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
    "The script is stopped after so many; default: never."
  ),
  cpu: optional(Schema.Finite, "Cores, 0.01 to 1024."),
  memory: optional(Schema.String, "Like 512m or 2g."),
  network: optional(Schema.Literals(["open", "none"]), "none: the script reaches nothing; default open."),
  metadata: optional(Schema.Record(Schema.String, Schema.String), "Your own words, to find it by."),
  outputs: optional(
    Schema.Literals(["here", "grid"]),
    "here (default): files it makes appear in cwd, as if it had run there. grid: they stay there; see the tool outputs."
  ),
  waitSeconds: waitSeconds(50)
})
export type RunInput = typeof RunInput.Type

const asked = ({ cpu, metadata, network, requirements, runtime, stdin, timeoutSeconds }: RunInput) => ({
  ...(cpu === undefined ? {} : { cpu }),
  ...(metadata === undefined ? {} : { metadata }),
  ...(network === undefined ? {} : { network }),
  ...(requirements === undefined ? {} : { requirements }),
  ...(runtime === undefined ? {} : { runtime }),
  ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  ...(stdin === undefined
    ? {}
    : { stdin: { kind: "whole" as const, bytes: Stream.make(new TextEncoder().encode(stdin)) } })
})

export const requestOf = Effect.fnUntraced(function*(input: RunInput) {
  const cwd = resolve(input.cwd ?? ".")
  const config = yield* readConfig(cwd)
  const own = config === null
    ? { env: {}, secrets: {} }
    : yield* projectEnv(config, { except: new Set(Object.keys(input.env ?? {})) })
  const request: RunRequest = {
    script: input.script,
    args: input.args ?? [],
    cwd,
    ...(config === null ? {} : projectJob(config)),
    ...asked(input),
    include: [...(config === null ? [] : projectInclude(config)), ...(input.include ?? [])],
    ...(input.memory === undefined ? {} : { memoryBytes: yield* memory(input.memory) }),
    env: { ...own.env, ...input.env },
    secrets: own.secrets
  }
  return {
    request,
    landing: config?.["output-dir"] === undefined ? null : join(config.directory, config["output-dir"])
  }
})
