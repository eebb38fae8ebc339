import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { BringBackOptions } from "rgrid/client/bringBack"
import { isBatch } from "rgrid/client/batch/batches"
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
import { place } from "./place.ts"
import { retryBatch, retryBatchInput } from "./retryBatch.ts"
import { checked, type RunAsked, runInput } from "./runFlags.ts"

const { cpu, detach, env, memory, outputDir, remoteOnly, timeout, watch } = runInput
const asked = {
  id: Argument.optional(flags.id),
  ...retryBatchInput,
  env,
  timeout,
  cpu,
  memory,
  detach,
  watch,
  remoteOnly,
  outputDir,
  json: flags.json
}

type Asked = Pick<RunAsked, "detach" | "json" | "watch" | "remoteOnly" | "outputDir">
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

/** An id alone may be a batch's too. */
const batchOf = Effect.fnUntraced(function*({ batch, cause, failedOnly, flat, id }: {
  readonly id: Option.Option<string>
  readonly batch: Option.Option<string>
  readonly cause: Option.Option<number>
  readonly failedOnly: boolean
  readonly flat: boolean
}) {
  if (Option.isSome(batch) && Option.isSome(id)) {
    return yield* new BadInput({ what: "--batch and an execution are one too many.", fix: "Leave one out." })
  }
  const given = Option.orElse(batch, () => Option.filter(id, isBatch))
  if (Option.isSome(given)) return given
  if (Option.isNone(id)) {
    return yield* new BadInput({ what: "There is nothing to run again.", fix: "Name it: rgrid retry ID, or --batch ID" })
  }
  if (failedOnly || flat || Option.isSome(cause)) {
    return yield* new BadInput({ what: "--failed-only, --cause and --flat are for batches.", fix: "Add --batch ID, or leave them out." })
  }
  return given
})

const retryOne = Effect.fnUntraced(function*(id: string, asked: Asked, over: RetryOverrides) {
  const original = yield* executions.get(id)
  const execution = yield* executions.retry(original.id, over)
  if (asked.detach) return yield* detached(execution, asked.json, "Retry started")
  yield* stdio.say(`Retry started: ${execution.id}`)
  const directory = asked.remoteOnly ? process.cwd() : yield* place(original, asked.outputDir)
  // The grid's own attempts were asked for with the original; how many is its secret.
  const staying = { ...asked, retries: 2, landing: yield* landing(original, directory) }
  yield* attach(execution, staying, left(execution.id))
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
    const batch = yield* batchOf(asked)
    yield* (Option.isSome(batch)
      ? retryBatch(batch.value, asked, over)
      : retryOne(Option.getOrElse(asked.id, () => ""), asked, over)).pipe(onGrid)
  })).pipe(
    Command.withDescription(
      "Run the job of an ended execution once more: a new execution with the files, arguments, variables and stdin that " +
        "it had. What changed here since is not sent; for that, rgrid run. With --batch, all items of a batch or some of them " +
        "are a new batch."
    ),
    Command.withShortDescription("Run an ended execution or batch once more"),
    Command.withExamples([
      { command: "rgrid retry ID", description: "As it was" },
      { command: "rgrid retry ID --memory 8g --timeout 2h", description: "With more room" },
      { command: "rgrid retry --batch BATCH --failed-only --memory 8g", description: "What failed of a batch" },
      { command: "rgrid retry --batch BATCH --cause 2", description: "What failed for the second cause that it named" },
      { command: "rgrid retry ID --detach", description: "Without waiting for it" }
    ])
  )
