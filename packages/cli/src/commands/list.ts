import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as batches from "rgrid/client/batch/batches"
import * as executions from "rgrid/client/executions"
import { State } from "rgrid/domain/ExecutionState"
import { BadInput, metadata as pairs } from "../input.ts"
import { listing as batchListing, toJson as batchJson } from "../output/batches.ts"
import { listing, memberListing, toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

/** Prints the executions that `options` choose. */
export const show = Effect.fnUntraced(function*(options: executions.ListOptions, json: boolean) {
  const found = yield* executions.list(options)
  if (json) return yield* stdio.json(found.map((execution) => toJson(execution)))
  if (found.length === 0) return yield* stdio.mention("No executions. Start one: rgrid run SCRIPT")
  yield* stdio.stdout(listing(found, yield* Clock.currentTimeMillis))
})

const showBatches = Effect.fnUntraced(function*(limit: number, json: boolean) {
  const found = yield* batches.list(limit)
  if (json) return yield* stdio.json(found.map((batch) => batchJson(batch)))
  if (found.length === 0) return yield* stdio.mention("No batches. Start one: rgrid run SCRIPT --batch 'data/*.csv'")
  yield* stdio.stdout(batchListing(found, yield* Clock.currentTimeMillis))
})

/** In the order of its items. */
const showMembers = Effect.fnUntraced(function*(id: string, options: batches.MembersOptions, json: boolean) {
  const found = yield* Stream.runCollect(batches.members(id, options))
  if (json) return yield* stdio.json(found.map((execution) => toJson(execution)))
  if (found.length === 0) return yield* stdio.mention("No such items.")
  yield* stdio.stdout(memberListing(found, yield* Clock.currentTimeMillis))
  if (found.length === options.limit) yield* stdio.mention(`These are the first ${options.limit}; --limit N shows more.`)
})

const limit = Flag.Int("limit").pipe(Flag.withDescription("At most so many, 1 to 1000"), Flag.withDefault(20))
const status = Flag.Literals("status", State.literals).pipe(Flag.withDescription("Only in this state"), Flag.optional)
const script = Flag.String("script").pipe(Flag.withDescription("Only of this script"), Flag.optional)

const metadata = Flag.String("metadata").pipe(
  Flag.withDescription("Only with this KEY=VALUE; several must all be there"),
  Flag.atLeast(0)
)

const inRange = (limit: number) =>
  limit >= 1 && limit <= 1000
    ? Effect.void
    : Effect.fail(new BadInput({ what: `--limit ${limit} is out of range.`, fix: "Give a number from 1 to 1000." }))

const ofBatch = Flag.String("batch").pipe(Flag.withDescription("The items of this batch, in their order"), Flag.optional)
const onlyBatches = flags.boolean("batches", "Batches instead of executions")

const input = { limit, status, script, metadata, batch: ofBatch, batches: onlyBatches, json: flags.json }

export const list = Command.make("list", input, Effect.fnUntraced(function*(asked) {
  const { batch, json, limit, metadata, script, status } = asked
  yield* inRange(limit)
  const only = Option.isSome(script) || metadata.length > 0
  if ((Option.isSome(batch) || asked.batches) && only) {
    return yield* new BadInput({ what: "--script and --metadata choose executions, not items or batches.", fix: "Leave them out." })
  }
  if (Option.isSome(batch)) {
    const options = { limit, ...(Option.isSome(status) ? { status: status.value } : {}) }
    return yield* showMembers(batch.value, options, json).pipe(onGrid)
  }
  if (asked.batches) return yield* showBatches(limit, json).pipe(onGrid)
  const options = {
    limit,
    metadata: yield* pairs(metadata),
    ...(Option.isSome(status) ? { status: status.value } : {}),
    ...(Option.isSome(script) ? { script: script.value } : {})
  }
  yield* show(options, json).pipe(onGrid)
})).pipe(
  Command.withDescription("List executions, batches or the items of one"),
  Command.withExamples([
    { command: "rgrid list --status failed", description: "Those that failed" },
    { command: "rgrid list --batches", description: "Batches" },
    { command: "rgrid list --batch BATCH --status failed --limit 1000", description: "The failed items of a batch" },
    { command: "rgrid list --metadata team=blue", description: "Those that were given it" },
    { command: "rgrid list --script process.py --limit 5", description: "The last five of a script" }
  ])
)
