/** Batches that only a test knows. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import { called, distinct, labelOf, listOf } from "../../client/batch/plan.ts"
import { outputNames } from "../../client/batch/names.ts"
import { template } from "../../client/batch/template.ts"
import { BatchEmpty, BatchUnknown, IdempotencyKeyReused } from "../../client/errors.ts"
import { picked } from "../../client/picked.ts"
import { makeLookup } from "../../client/travel/lookup.ts"
import type { BatchOptions } from "../../domain/Batch.ts"
import { batchId } from "../../domain/Id.ts"
import { checkJob, checkScript } from "../check.ts"
import { itemsOf, optionsOf, standardDirectory } from "../effects/batch.ts"
import type { Wanted } from "../job.ts"
import type { BatchOfSettings, BatchSettings } from "../service/Grid.ts"
import { batchRun } from "./batchRun.ts"
import type { Executions } from "./Executions.ts"
import { MemoryBatch } from "./MemoryBatch.ts"
import { contentOf, jobOf, type MemoryJob } from "./Script.ts"

/** As the real grid has them: told apart, called by their own names, with their place among the arguments. */
const membersOf = Effect.fnUntraced(function*(wanted: Wanted<BatchSettings>, cwd: string) {
  const lookup = makeLookup()
  const list = yield* listOf({ cwd, ...itemsOf(wanted.options.over) }, lookup)
  if (list.items.length === 0) return yield* new BatchEmpty({ from: null })
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

/** What an item's outcome depends on. */
const outcomeOf = ({ args, code, env, inputs, runtime, script }: MemoryJob): string =>
  JSON.stringify([script, code, args, env, inputs, runtime])

type Member = Effect.Success<ReturnType<typeof membersOf>>[number]

interface Planned {
  readonly wanted: Wanted<BatchSettings>
  readonly kept: BatchOptions
  readonly members: ReadonlyArray<{ readonly member: Member; readonly job: MemoryJob }>
}

const planned = Effect.fnUntraced(function*(wanted: Wanted<BatchSettings>, cwd: string) {
  yield* checkScript(wanted.script, wanted.inline, wanted.args)
  yield* checkJob(wanted.options)
  const { kept } = yield* optionsOf(wanted.options)
  const members = yield* Effect.forEach(yield* membersOf(wanted, cwd), (member) =>
    Effect.map(jobOf(wanted, { args: member.args, item: member.label }), (job) => ({ member, job })))
  const all: Planned = { wanted, kept, members }
  return all
})

const resources = ["cpu", "memory", "network", "retries", "requirements"] as const

const contentOfAll = ({ kept, members, wanted: { options } }: Planned): string =>
  JSON.stringify([kept, options.isolation, options.timeout, members.map(({ job }) => contentOf(job, picked(options, ...resources)))])

export class Batches {
  readonly #executions: Executions
  readonly #all = new Map<string, MemoryBatch>()
  readonly #keys = new Map<string, { readonly batch: MemoryBatch; readonly content: string }>()

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
    const all = yield* planned(wanted, cwd)
    return batchRun(yield* this.#once(all, options.idempotencyKey), place, options)
  }.bind(this))

  /** One call, one batch; the same key, the same one. */
  readonly #once = Effect.fnUntraced(function*(this: Batches, all: Planned, key: string | undefined) {
    if (key === undefined) return yield* this.#make(all)
    const content = contentOfAll(all)
    const known = this.#keys.get(key)
    if (known !== undefined) return known.content === content ? known.batch : yield* new IdempotencyKeyReused({ key })
    const batch = yield* this.#make(all)
    this.#keys.set(key, { batch, content })
    return batch
  }.bind(this))

  readonly #make = Effect.fnUntraced(function*(this: Batches, { kept, members: all, wanted }: Planned) {
    const executions = this.#executions
    const done = kept.resume ? this.#completed() : new Set<string>()
    const fresh = all.filter(({ job }) => !done.has(outcomeOf(job)))
    const now = yield* Clock.currentTimeMillis
    const id = batchId(now)
    const members = yield* Effect.forEach(fresh, ({ job, member: { label, name, position } }) =>
      executions.make(job, { batch: { id, position, label, name } }))
    const skipped = all.length - fresh.length
    const batch = new MemoryBatch({ id, members, kept, executions, wanted, skipped, createdAt: new Date(now) })
    this.#all.set(id, batch)
    yield* batch.start
    return batch
  }.bind(this))

  #completed(): Set<string> {
    const ended = [...this.#executions.all.values()].filter(({ batch, end }) => batch !== null && end?.failure === null)
    return new Set(ended.map(({ job }) => outcomeOf(job)))
  }
}
