/** Batches that only a test knows. */
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import { called, distinct, labelOf, listOf } from "../../client/batch/plan.ts"
import { outputNames } from "../../client/batch/names.ts"
import { template } from "../../client/batch/template.ts"
import { BatchUnknown } from "../../client/errors.ts"
import { makeLookup } from "../../client/travel/lookup.ts"
import { batchId } from "../../domain/Id.ts"
import { checkJob, checkScript } from "../check.ts"
import { itemsOf, optionsOf, standardDirectory } from "../effects/batch.ts"
import type { Wanted } from "../job.ts"
import type { BatchOfSettings, BatchSettings } from "../service/Grid.ts"
import { batchRun } from "./batchRun.ts"
import type { Executions } from "./Executions.ts"
import { MemoryBatch } from "./MemoryBatch.ts"
import { jobOf, type MemoryJob } from "./Script.ts"

/** As the real grid has them: told apart, called by their own names, with their place among the arguments. */
const membersOf = Effect.fnUntraced(function*(wanted: Wanted<BatchSettings>, cwd: string) {
  const lookup = makeLookup()
  const list = yield* listOf({ cwd, ...itemsOf(wanted.options.over) }, lookup)
  const { filled, used } = yield* Effect.fromResult(template(wanted.args, list.columns))
  const { items } = yield* Effect.promise(() => distinct(cwd, list.items, lookup))
  const names = outputNames(items.map(called(cwd, used)))
  return items.map((item, index) => ({
    label: labelOf(item.value),
    name: names[index]!,
    position: index + 1,
    args: filled({ ...item, position: index + 1 }).args
  }))
})

const contentOf = ({ args, code, env, inputs, runtime, script }: MemoryJob): string =>
  JSON.stringify([script, code, args, env, inputs, runtime])

export class Batches {
  readonly #executions: Executions
  readonly #all = new Map<string, MemoryBatch>()
  readonly #keys = new Map<string, MemoryBatch>()

  constructor(executions: Executions) {
    this.#executions = executions
  }

  readonly find = (id: string, settings: BatchOfSettings) => {
    const found = this.#all.get(id)
    return found === undefined
      ? Effect.fail(new BatchUnknown({ id }))
      : Effect.succeed(batchRun(found, settings.outputDirectory ?? false, settings))
  }

  readonly begin = Effect.fnUntraced(function*(this: Batches, wanted: Wanted<BatchSettings>) {
    const { options } = wanted
    const cwd = resolve(options.cwd ?? ".")
    const directory = options.outputDirectory ?? standardDirectory
    const place = directory === false ? false : resolve(cwd, directory)
    const known = this.#keys.get(options.idempotencyKey ?? "")
    if (options.idempotencyKey !== undefined && known !== undefined) return batchRun(known, place, options)
    const batch = yield* this.#make(wanted, cwd)
    if (options.idempotencyKey !== undefined) this.#keys.set(options.idempotencyKey, batch)
    return batchRun(batch, place, options)
  }.bind(this))

  readonly #make = Effect.fnUntraced(function*(this: Batches, wanted: Wanted<BatchSettings>, cwd: string) {
    const executions = this.#executions
    yield* checkScript(wanted.script, wanted.inline, wanted.args)
    yield* checkJob(wanted.options)
    const { kept } = yield* optionsOf(wanted.options)
    const done = kept.resume ? this.#completed() : new Set<string>()
    const wantedMembers = yield* Effect.forEach(yield* membersOf(wanted, cwd), (member) =>
      Effect.map(jobOf(wanted, { args: member.args, item: member.label }), (job) => ({ member, job })))
    const fresh = wantedMembers.filter(({ job }) => !done.has(contentOf(job)))
    const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
    const id = batchId(now)
    const members = yield* Effect.forEach(fresh, ({ job, member: { label, name, position } }) =>
      executions.make(job, { batch: { id, position, label, name } }))
    const batch = new MemoryBatch({ id, members, kept, executions, wanted, skipped: wantedMembers.length - fresh.length })
    this.#all.set(id, batch)
    yield* batch.start
    return batch
  }.bind(this))

  #completed(): Set<string> {
    const ended = [...this.#executions.all.values()].filter(({ batch, end }) => batch !== null && end?.failure === null)
    return new Set(ended.map(({ job }) => contentOf(job)))
  }
}
