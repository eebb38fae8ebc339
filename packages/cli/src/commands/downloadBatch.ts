/** All that a batch's items made, fetched as far as they have ended. What is here already is not fetched again. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import * as batches from "rgrid/client/batch/batches"
import { bringBackMember, landing, type Landing, parallelMembers } from "rgrid/client/batch/bringBackMember"
import { remarks } from "rgrid/client/broughtBackSentences"
import type { Batch } from "rgrid/domain/Batch"
import type { Execution } from "rgrid/domain/Execution"
import { labelOf } from "../output/batch/items.ts"
import { fractionOf } from "../output/batch/progress.ts"
import { count, size } from "../output/format.ts"
import * as stdio from "../output/stdio.ts"

interface Asked {
  /** Null: `outputs`. */
  readonly directory: string | null
  readonly flat: boolean
  readonly json: boolean
}

const one = Effect.fnUntraced(function*(execution: Execution, place: Landing, { json }: Asked) {
  const brought = yield* bringBackMember(execution, place)
  for (const remark of remarks(brought)) yield* stdio.say(`${labelOf(execution)}: ${remark}`)
  if (json) yield* stdio.jsonLine({ type: "downloaded", id: execution.id, item: execution.batch?.label, ...brought })
  return brought.written
})

const tell = (batch: Batch, files: number, bytes: number, directory: string) =>
  Effect.gen(function*() {
    yield* stdio.mention(files === 0 ? "Nothing to download." : `✓ Downloaded: ${count(files, "file")} (${size(bytes)}) to ${directory}/`)
    if (batch.endedAt !== null) return
    const percent = Math.floor(100 * fractionOf(batch))
    yield* stdio.say(`The batch has not ended (${percent} %): run it once more for the rest.`)
  })

export const downloadBatch = Effect.fnUntraced(function*(id: string, asked: Asked) {
  const batch = yield* batches.get(id)
  const shown = asked.directory ?? "outputs"
  const place = landing(resolve(shown), asked.flat, DateTime.toEpochMillis(batch.createdAt))
  const total = yield* batches.ended(batch.id).pipe(
    Stream.mapEffect((execution) => one(execution, place, asked), { concurrency: parallelMembers, unordered: true }),
    Stream.runFold(
      () => ({ files: 0, bytes: 0 }),
      (sum, written) => ({
        files: sum.files + written.length,
        bytes: written.reduce((all, { bytes }) => all + bytes, sum.bytes)
      })
    ),
    Effect.mapError((error) => error._tag === "NotWritten" ? error.of(batch.id) : error)
  )
  if (asked.json) return yield* stdio.jsonLine({ type: "done", id: batch.id, directory: place.directory, ...total })
  yield* tell(batch, total.files, total.bytes, shown.replace(/\/+$/, ""))
})
