import * as Command from "effect/cli/Command"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import type { BringBackOptions } from "rgrid/client/bringBack"
import * as executions from "rgrid/client/executions"
import type { Execution } from "rgrid/domain/Execution"
import type { RetryOverrides } from "rgrid/domain/Retry"
import { BadInput } from "../input.ts"
import * as input from "../input.ts"
import * as stdio from "../output/stdio.ts"
import { attach } from "./attach.ts"
import { detached, left } from "./detached.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"
import { checked, type RunAsked, runInput } from "./runFlags.ts"

const { cpu, detach, env, memory, outputDir, remoteOnly, timeout, watch } = runInput
const asked = { id: flags.id, env, timeout, cpu, memory, detach, watch, remoteOnly, outputDir, json: flags.json }

type Overridden = Pick<RunAsked, "env" | "timeout" | "cpu" | "memory">

const overrides = Effect.fnUntraced(function*(asked: Overridden) {
  const cores = yield* checked(asked.cpu, input.cpu)
  const memoryBytes = yield* checked(asked.memory, input.memory)
  const timeoutSeconds = yield* checked(asked.timeout, input.timeout)
  const over: RetryOverrides = {
    env: yield* input.variables(asked.env),
    resources: { ...(cores === undefined ? {} : { cpu: cores }), ...(memoryBytes === undefined ? {} : { memoryBytes }) },
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds })
  }
  return over
})

const isDirectory = (path: string) =>
  Effect.promise(() => stat(path).then((status) => status.isDirectory(), () => false))

/** Where the original's files went; a run of another machine's has no such place here. */
const place = Effect.fnUntraced(function*({ cwd }: Execution, outputDir: Option.Option<string>) {
  if (Option.isSome(outputDir)) return resolve(outputDir.value)
  if (yield* isDirectory(cwd)) return cwd
  yield* stdio.say(`${cwd} is not here: what it makes is written to ${process.cwd()}.`)
  return process.cwd()
})

/** What the original left may be written over; what changed here since it began is a person's. */
const landing = Effect.fnUntraced(function*(original: Execution, directory: string) {
  const { manifest } = yield* executions.outputs(original.id)
  const left = manifest.outputs.flatMap(({ content, path }) => content === undefined ? [] : [[path, content.sha256] as const])
  const since = DateTime.toEpochMillis(original.createdAt)
  return { directory, since, earlier: new Map(left) } satisfies BringBackOptions
})

export const retry = Command.make("retry", asked, (asked) =>
  Effect.gen(function*() {
    if (asked.watch && asked.detach) {
      return yield* new BadInput({ what: "--watch and --detach are one too many.", fix: "Leave one out." })
    }
    const over = yield* overrides(asked)
    yield* Effect.gen(function*() {
      const original = yield* executions.get(asked.id)
      const execution = yield* executions.retry(original.id, over)
      if (asked.detach) return yield* detached(execution, asked.json, "Retry started")
      yield* stdio.say(`Retry started: ${execution.id}`)
      const directory = asked.remoteOnly ? process.cwd() : yield* place(original, asked.outputDir)
      // The grid's own attempts were asked for with the original; how many is its secret.
      const staying = { ...asked, retries: 2, landing: yield* landing(original, directory) }
      yield* attach(execution, staying, left(execution.id))
    }).pipe(onGrid)
  })).pipe(
    Command.withDescription(
      "Run the job of an ended execution once more: a new execution with the files, arguments, variables and stdin that " +
        "it had. What changed here since is not sent; for that, rgrid run."
    ),
    Command.withShortDescription("Run an ended execution once more"),
    Command.withExamples([
      { command: "rgrid retry ID", description: "As it was" },
      { command: "rgrid retry ID --memory 8g --timeout 2h", description: "With more room" },
      { command: "rgrid retry ID --detach", description: "Without waiting for it" }
    ])
  )
