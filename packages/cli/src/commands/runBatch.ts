import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import { landing } from "rgrid/client/batch/bringBackMember"
import type { PreparedBatch } from "rgrid/client/batch/prepareBatch"
import { type Submitted, submitBatch } from "rgrid/client/batch/submitBatch"
import { directory } from "../input.ts"
import { resumptionLines, startWords, toJson } from "../output/batches.ts"
import * as stdio from "../output/stdio.ts"
import { batchLeftWords } from "../output/wayBack.ts"
import { attachBatch, detachedBatch } from "./attachBatch.ts"
import { onGrid } from "./onGrid.ts"
import type { RunAsked } from "./runFlags.ts"

/** Where a batch's outputs go when nobody says. */
export const standardDirectory = "outputs"

const nounOf = ({ items }: PreparedBatch): "file" | "item" =>
  items.every(({ directories, files }) => files.length === 1 && directories.length === 0) ? "file" : "item"

/** Null: what it makes stays on the grid. Found out only at the end, a file of that name would leave it there. */
const placeOf = Effect.fnUntraced(function*({ began, head }: PreparedBatch, asked: RunAsked) {
  if (asked.remoteOnly || asked.detach) return null
  const name = Option.getOrElse(asked.outputDir, () => standardDirectory)
  const path = resolve(head.job.cwd, name)
  yield* directory(path, name)
  return landing(path, asked.flat, began)
})

const tellStart = Effect.fnUntraced(function*(prepared: PreparedBatch, { batch, resumption }: Submitted, asked: RunAsked) {
  if (asked.json && !asked.detach) {
    yield* stdio.jsonLine({ type: "started", batch: toJson(batch), ...(resumption === undefined ? {} : { resumption }) })
  }
  if (batch.total > 0 && !asked.detach) yield* stdio.say(startWords(batch, nounOf(prepared)))
  if (resumption !== undefined) yield* stdio.say(resumptionLines(batch, resumption).join("\n"))
})

/** Submits, follows and brings back. */
export const runBatch = Effect.fnUntraced(function*(prepared: PreparedBatch, asked: RunAsked) {
  const place = yield* placeOf(prepared, asked)
  yield* Effect.gen(function*() {
    const submitted = yield* submitBatch(prepared)
    const { batch, sending } = submitted
    yield* tellStart(prepared, submitted, asked)
    if (asked.detach) {
      yield* sending.pipe(Effect.onInterrupt(() => stdio.say(batchLeftWords(batch.id, false))))
      return yield* detachedBatch(batch, asked.json, "Batch started")
    }
    const { json, watch } = asked
    yield* attachBatch(batch, { json, watch, startedHere: true, landing: place }, sending)
  }).pipe(onGrid)
})
