import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import { landing } from "rgrid/client/batch/bringBackMember"
import type { PreparedBatch } from "rgrid/client/batch/prepareBatch"
import { submitBatch } from "rgrid/client/batch/submitBatch"
import { resumptionLines, startWords, toJson } from "../output/batches.ts"
import * as stdio from "../output/stdio.ts"
import { attachBatch, detachedBatch } from "./attachBatch.ts"
import { onGrid } from "./onGrid.ts"
import type { RunAsked } from "./runFlags.ts"

/** Where a batch's outputs go when nobody says. */
export const standardDirectory = "outputs"

const nounOf = ({ items }: PreparedBatch): "file" | "item" =>
  items.every(({ directories, files }) => files.length === 1 && directories.length === 0) ? "file" : "item"

/** Submits, follows and brings back. */
export const runBatch = Effect.fnUntraced(function*(prepared: PreparedBatch, asked: RunAsked) {
  const { cwd } = prepared.head.job
  const { batch, resumption, sending } = yield* submitBatch(prepared)
  if (asked.detach) {
    yield* sending
    return yield* detachedBatch(batch, asked.json, "Batch started")
  }
  if (asked.json) yield* stdio.jsonLine({ type: "started", batch: toJson(batch), ...(resumption === undefined ? {} : { resumption }) })
  if (batch.total > 0) yield* stdio.say(startWords(batch, nounOf(prepared)))
  if (resumption !== undefined) yield* stdio.say(resumptionLines(batch, resumption).join("\n"))
  const directory = resolve(cwd, Option.getOrElse(asked.outputDir, () => standardDirectory))
  const place = asked.remoteOnly ? null : landing(directory, asked.flat, prepared.began)
  const how = { json: asked.json, watch: asked.watch, startedHere: true, landing: place }
  yield* attachBatch(batch, how, sending)
}, onGrid)
