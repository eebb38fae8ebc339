/** A grid in memory: a test's function stands for every script. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { resolve } from "node:path"
import { checkJob, checkScript, checkTimeout } from "../check.ts"
import type { ExecutionInfo } from "../info.ts"
import type { Wanted } from "../job.ts"
import { Grid, type RunSettings } from "../service/Grid.ts"
import type { ListFilter, RetryChanges } from "../ask.ts"
import { Batches } from "./Batches.ts"
import { Executions, infoOf, type MemoryExecution } from "./Executions.ts"
import { handleOf } from "./handles.ts"
import { jobOf, type MemoryScript } from "./Script.ts"

const directoryOf = ({ cwd = ".", outputDirectory = "." }: RunSettings): string | false =>
  outputDirectory !== false && resolve(cwd, outputDirectory)

const begin = Effect.fnUntraced(function*(executions: Executions, wanted: Wanted<RunSettings>) {
  yield* checkScript(wanted.script, wanted.inline, wanted.args)
  yield* checkJob(wanted.options)
  yield* checkTimeout(wanted.options.timeout)
  return yield* executions.begin(yield* jobOf(wanted), wanted.options.idempotencyKey)
})

const isAsked = ({ metadata = {}, script, status }: ListFilter) => (info: ExecutionInfo): boolean =>
  (script === undefined || info.script === script) &&
  (status === undefined || info.status.replace(" ", "_") === status) &&
  Object.entries(metadata).every(([key, value]) => info.metadata[key] === value)

const listed = (executions: Executions, { limit = 20, ...filter }: ListFilter) =>
  [...executions.all.values()].toReversed().map(infoOf).filter(isAsked(filter)).slice(0, limit)

const costed = (executions: Executions, timeZone = "UTC") => {
  const ended = [...executions.all.values()].filter(({ end }) => end !== null)
  const sum = {
    executions: ended.length,
    computeMicroseconds: ended.reduce((all, { end, startedAt }) => all + 1000 * (end!.at.getTime() - (startedAt ?? end!.at).getTime()), 0),
    micros: ended.reduce((all, { end }) => all + end!.cost, 0)
  }
  const date = (ended[0]?.end?.at ?? new Date(0)).toISOString().slice(0, 10)
  return { from: date, to: date, timeZone, rows: [{ date, ...sum }], total: sum }
}

const again = Effect.fnUntraced(function*(executions: Executions, one: MemoryExecution, { env, idempotencyKey }: RetryChanges) {
  return yield* executions.begin({ ...one.job, env: { ...one.job.env, ...env } }, idempotencyKey, one.id)
})

/**
 * A `Grid` whose scripts are answered by `script`: for tests of programs that use one. No grid, no container and no network
 * is needed, and no script file has to be there; outputs are written as the real grid's are brought.
 *
 * @example
 * program.pipe(Effect.provide(memory(({ args }) => ({ stdout: `hello ${args[0]}\n` }))))
 */
export const memory = (script: MemoryScript): Layer.Layer<Grid> =>
  Layer.effect(
    Grid,
    Effect.gen(function*() {
      const executions = new Executions(script, yield* Effect.scope)
      const batches = new Batches(executions)
      const handle = (one: MemoryExecution, settings: RunSettings) => handleOf(executions, one.id, directoryOf(settings), settings)
      return Grid.of({
        run: (wanted) => Effect.flatMap(begin(executions, wanted), (one) => handle(one, wanted.options).wait),
        submit: (wanted) => Effect.map(begin(executions, wanted), (one) => handle(one, wanted.options)),
        execution: (id, settings) => handleOf(executions, id, settings.outputDirectory ?? false, settings),
        batch: (wanted) => batches.begin(wanted),
        batchOf: (id, settings) => batches.find(id, settings),
        remove: (id) => Effect.flatMap(executions.get(id), (one) => executions.remove(one)),
        retry: (id, changes) =>
          Effect.flatMap(executions.get(id), (one) => again(executions, one, changes)).pipe(Effect.map(infoOf)),
        list: (filter) => Effect.sync(() => listed(executions, filter)),
        cost: ({ timeZone }) => Effect.sync(() => costed(executions, timeZone))
      })
    })
  )
