/** A grid in memory: a test's function stands for every script. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { resolve } from "node:path"
import { ExecutionUnended } from "../../client/errors.ts"
import { checkJob, checkList, checkScript, checkTimeout } from "../check.ts"
import { changed, stateOf } from "../effects/ask.ts"
import type { ExecutionInfo } from "../info.ts"
import type { Wanted } from "../job.ts"
import { Grid, type RunSettings } from "../service/Grid.ts"
import type { ListFilter, RetryChanges } from "../ask.ts"
import { Batches } from "./Batches.ts"
import { costed } from "./cost.ts"
import { Executions, infoOf, type MemoryExecution } from "./Executions.ts"
import { handleOf } from "./handles.ts"
import { contentOf, jobOf, type MemoryScript } from "./Script.ts"

const directoryOf = ({ cwd = ".", outputDirectory = "." }: RunSettings): string | false =>
  outputDirectory !== false && resolve(cwd, outputDirectory)

const begin = Effect.fnUntraced(function*(executions: Executions, wanted: Wanted<RunSettings>) {
  yield* checkScript(wanted.script, wanted.inline, wanted.args)
  yield* checkJob(wanted.options)
  yield* checkTimeout(wanted.options.timeout)
  const job = yield* jobOf(wanted)
  return yield* executions.begin(job, contentOf(job, wanted.options), wanted.options.idempotencyKey)
})

const isAsked = ({ metadata = {}, script, status }: ListFilter) => (info: ExecutionInfo): boolean =>
  (script === undefined || info.script === script) &&
  (status === undefined || stateOf(info.status) === stateOf(status)) &&
  Object.entries(metadata).every(([key, value]) => info.metadata[key] === value)

const listed = (executions: Executions, { limit = 20, ...filter }: ListFilter) =>
  Effect.map(checkList({ limit, ...filter }), () =>
    [...executions.all.values()].toReversed().map(infoOf).filter(isAsked(filter)).slice(0, limit))

const again = Effect.fnUntraced(function*(executions: Executions, one: MemoryExecution, changes: RetryChanges) {
  const over = yield* changed(changes)
  if (one.end === null) return yield* new ExecutionUnended({ id: one.id })
  const job = { ...one.job, env: { ...one.job.env, ...over.env } }
  return yield* executions.begin(job, contentOf(job, changes), changes.idempotencyKey, one.id)
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
        list: (filter) => listed(executions, filter),
        cost: (settings) => costed(executions, settings)
      })
    })
  )
