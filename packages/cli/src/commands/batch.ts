/** `rgrid run` with `--batch` or `--batch-from`: from the words to a batch that only has to be sent. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type BatchRequest, planBatch } from "rgrid/client/batch/plan"
import { prepareBatch } from "rgrid/client/batch/prepareBatch"
import { BadInput } from "../input.ts"
import { batchPlanJson, batchPlanText, duplicatesLine } from "../output/batchPlan.ts"
import * as stdio from "../output/stdio.ts"
import { all, unread } from "../stdin.ts"
import { asking } from "./askRuntime.ts"
import { optionsOf } from "./batchFlags.ts"
import { runBatch } from "./runBatch.ts"
import { requestOf, type RunAsked } from "./runFlags.ts"

const tooMany = (what: string, fix: string) => new BadInput({ what: `${what} are one too many.`, fix })

const scriptOf = Effect.fnUntraced(function*({ batch, batchFrom, script, spec }: RunAsked) {
  if (Option.isSome(spec)) return yield* tooMany("--spec and a batch", "A spec is one job, and is sent as it is.")
  if (batch.length > 0 && Option.isSome(batchFrom)) {
    return yield* tooMany("--batch and --batch-from", "Leave one out.")
  }
  if (Option.isSome(script) && script.value !== "") return script.value
  return yield* new BadInput({
    what: "There is no script to run.",
    fix: "Name it before its items: rgrid run SCRIPT --batch 'data/*.csv'"
  })
})

const batchRequest = Effect.fnUntraced(function*(asked: RunAsked) {
  const script = yield* scriptOf(asked)
  const options = yield* optionsOf(asked)
  const batchFrom = Option.getOrUndefined(asked.batchFrom)
  const request: BatchRequest = {
    ...yield* requestOf(asked, script),
    batch: asked.batch,
    options,
    ...(batchFrom === undefined ? {} : { batchFrom }),
    ...(batchFrom === "-" ? { stdin: all() } : {})
  }
  return request
})

const dryRun = Effect.fnUntraced(function*(request: BatchRequest, asked: RunAsked) {
  const plan = yield* planBatch(request)
  yield* asked.json ? stdio.json(batchPlanJson(plan, request, asked)) : stdio.stdout(batchPlanText(plan, request, asked))
})

/** Whoever pipes something in expects it to be read. */
const tellUnread = (request: BatchRequest) =>
  request.batchFrom === "-" ? Effect.void : Effect.flatMap(unread, (isUnread) =>
    isUnread ? stdio.say("stdin is not read: the items of a batch have none. --batch-from - reads items from it.") : Effect.void)

export const batch = Effect.fnUntraced(function*(asked: RunAsked) {
  const request = yield* batchRequest(asked)
  if (asked.dryRun) return yield* dryRun(request, asked)
  const [prepared] = yield* Effect.all([asking(request, asked.json, prepareBatch), tellUnread(request)], {
    concurrency: "unbounded"
  })
  if (prepared.duplicates.length > 0) yield* stdio.say(duplicatesLine(prepared.duplicates))
  yield* runBatch(prepared, asked)
})
