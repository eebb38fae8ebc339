/** What `rgrid run` can be told, and the request that follows from it. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { RunRequest } from "rgrid/client/prepare"
import * as input from "../input.ts"
import { type BatchAsked, batchInput, isPercent } from "./batchFlags.ts"
import * as flags from "./flags.ts"
import { boolean, described, repeated } from "./flags.ts"

export const runInput = {
  script: Argument.String("script").pipe(Argument.withDescription("The file to run"), Argument.optional),
  args: Argument.String("args").pipe(
    Argument.variadic(),
    Argument.withDescription("Its arguments, as they are; files they name are sent along")
  ),
  spec: described("spec", "A file that describes the job, JSON or YAML, instead of a script; - is stdin"),
  runtime: described("runtime", "What runs it, like python:3.12 or an image; default: told by the script"),
  env: repeated("env", "KEY=VALUE, or KEY to pass on your own").pipe(Flag.withAlias("e")),
  envFile: repeated("env-file", "A file of KEY=VALUE lines"),
  secret: repeated("secret", "As --env, and masked in the logs"),
  timeout: described("timeout", "Stop it after this long: 90, 5m, 2h; an item of a batch also after 200% of the median"),
  cpu: Flag.Finite("cpu").pipe(Flag.withDescription("Cores it may use"), Flag.optional),
  memory: described("memory", "Memory it may use: 512m, 2g"),
  network: Flag.Literals("network", ["open", "none"]).pipe(
    Flag.withDescription("none: no connections"),
    Flag.withDefault("open")
  ),
  retries: Flag.Int("retries").pipe(
    Flag.withDescription("New attempts when the grid loses one; the script's own failures are never repeated"),
    Flag.withDefault(2)
  ),
  noRetry: boolean("no-retry", "No new attempt when the grid loses one"),
  metadata: repeated("metadata", "KEY=VALUE to find it by later"),
  include: repeated("include", "A file, directory or pattern that travels too, like 'data/**/*.csv'"),
  noCache: boolean("no-cache", "Hash and send every file anew, and build dependencies anew"),
  requirements: described("requirements", "A file of what is installed before it, or none; default: found beside the script"),
  dryRun: boolean("dry-run", "Show what would be sent and why; send nothing"),
  detach: boolean("detach", "Return at once; print the id").pipe(Flag.withAlias("d")),
  watch: boolean("watch", "Show beside its output how long it runs, how far it is and what it costs"),
  remoteOnly: boolean("remote-only", "Leave what it makes on the grid"),
  outputDir: described("output-dir", "Write what it makes here instead of the current directory"),
  ...batchInput,
  json: flags.json
} as const

export interface RunAsked extends BatchAsked {
  readonly script: Option.Option<string>
  readonly spec: Option.Option<string>
  readonly args: ReadonlyArray<string>
  readonly runtime: Option.Option<string>
  readonly env: ReadonlyArray<string>
  readonly envFile: ReadonlyArray<string>
  readonly secret: ReadonlyArray<string>
  readonly timeout: Option.Option<string>
  readonly cpu: Option.Option<number>
  readonly memory: Option.Option<string>
  readonly network: "open" | "none"
  readonly retries: number
  readonly noRetry: boolean
  readonly metadata: ReadonlyArray<string>
  readonly include: ReadonlyArray<string>
  readonly noCache: boolean
  readonly requirements: Option.Option<string>
  readonly dryRun: boolean
  readonly detach: boolean
  readonly watch: boolean
  readonly remoteOnly: boolean
  readonly outputDir: Option.Option<string>
  readonly json: boolean
}

export const checked = <A, B, E>(value: Option.Option<A>, check: (value: A) => Effect.Effect<B, E>) =>
  Option.match(value, {
    onNone: () => Effect.succeed(undefined),
    onSome: (given) => Effect.map(check(given), (good): B | undefined => good)
  })

/** All but stdin. Malformed values are refused here, before the grid is so much as looked for. */
export const requestOf = Effect.fnUntraced(function*(asked: RunAsked, script: string) {
  const fromFiles = yield* Effect.forEach(asked.envFile, input.variablesIn)
  const env = yield* input.variables(asked.env)
  const secrets = yield* input.variables(asked.secret)
  const metadata = yield* input.metadata(asked.metadata)
  const timeoutSeconds = yield* checked(Option.filter(asked.timeout, (text) => !isPercent(text)), input.timeout)
  const cpu = yield* checked(asked.cpu, input.cpu)
  const memoryBytes = yield* checked(asked.memory, input.memory)
  const request: RunRequest = {
    script,
    args: asked.args,
    cwd: process.cwd(),
    env: Object.assign({}, ...fromFiles, env),
    secrets,
    metadata,
    include: asked.include,
    noCache: asked.noCache,
    network: asked.network,
    retries: asked.noRetry ? 0 : yield* input.retries(asked.retries),
    ...(process.stdout.isTTY ? { terminal: process.stdout } : {}),
    ...(Option.isSome(asked.runtime) ? { runtime: asked.runtime.value } : {}),
    ...(Option.isSome(asked.requirements) ? { requirements: asked.requirements.value } : {}),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(Option.isSome(asked.isolation) ? { isolation: asked.isolation.value } : {}),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memoryBytes === undefined ? {} : { memoryBytes })
  }
  return request
})
