/** A batch from its start, or from where somebody came to it, to what is said and returned at its end. */
import * as Effect from "effect/Effect"
import { relative } from "node:path"
import { noteName } from "rgrid/client/batch/mark"
import * as batches from "rgrid/client/batch/batches"
import { type Batch, hasFailed, tally } from "rgrid/domain/Batch"
import { Exit } from "../exit.ts"
import { exitCodes } from "rgrid/client/exitCodes"
import { endLines, toJson } from "../output/batches.ts"
import { causeLines, toJson as causeJson } from "../output/causes.ts"
import { count, size } from "../output/format.ts"
import * as stdio from "../output/stdio.ts"
import { batchLeftWords, batchStartedWords, storedWords } from "../output/wayBack.ts"
import { type Stayed, type StayingWithBatch, stayWithBatch } from "./stayWithBatch.ts"

/** The id alone is on stdout, for programs. */
export const detachedBatch = Effect.fnUntraced(function*(batch: Batch, json: boolean, did: string) {
  if (json) return yield* stdio.json(toJson(batch))
  yield* stdio.stdout(`${batch.id}\n`)
  yield* stdio.say(batchStartedWords(did, batch.id))
})

const causesOf = (batch: Batch) => tally(batch.counts).failed === 0 ? Effect.succeed([]) : batches.causes(batch.id)

const tellOutputs = Effect.fnUntraced(function*(batch: Batch, { brought, unfetched }: Stayed, { landing }: StayingWithBatch) {
  if (landing === null) return yield* stdio.mention(storedWords(batch.id))
  if (brought.files > 0) {
    const where = relative(process.cwd(), landing.directory) || "."
    yield* stdio.mention(`✓ Downloaded: ${count(brought.files, "file")} (${size(brought.bytes)}) to ${where}/`)
  }
  if (brought.unfinished > 0) {
    yield* stdio.mention(`What ${count(brought.unfinished, "item")} left without completing is marked by ${noteName}.`)
  }
  if (unfetched > 0) {
    yield* stdio.say(`The outputs of ${count(unfetched, "item")} are not here: rgrid download ${batch.id}`)
  }
})

/** Counts, causes and the way to mend them. */
export const tellEnd = Effect.fnUntraced(function*(batch: Batch, stayed: Stayed, how: StayingWithBatch) {
  const causes = yield* causesOf(batch)
  if (how.json) {
    yield* stdio.jsonLine({ type: "done", batch: toJson(batch), causes: causes.map(causeJson), unfetched: stayed.unfetched })
  }
  for (const line of endLines(batch)) yield* stdio.say(line)
  yield* tellOutputs(batch, stayed, how)
  const lines = causeLines(batch.id, causes, stayed.failed)
  if (lines.length > 0) yield* stdio.say(lines.join("\n"))
})

const exitOf = (batch: Batch, { unfetched }: Stayed): number => {
  // As a script that failed.
  if (hasFailed(batch)) return 1
  return unfetched > 0 ? exitCodes.grid : exitCodes.ok
}

/** `sending`: what goes on beside it, as sending its files. Left early, the batch goes on. */
export const attachBatch = Effect.fnUntraced(
  function*<E, R>(batch: Batch, how: StayingWithBatch, sending: Effect.Effect<void, E, R>) {
    let sent = false
    const left = Effect.suspend(() => stdio.say(batchLeftWords(batch.id, sent)))
    const beside = Effect.tap(sending, () => Effect.sync(() => {
      sent = true
    }))
    const stayed = yield* stayWithBatch(batch, how, beside).pipe(
      Effect.onInterrupt(() => left),
      Effect.onError((cause) => cause.reasons.some((reason) => reason._tag === "Fail") ? left : Effect.void)
    )
    if (stayed.batch === null) return yield* left
    yield* tellEnd(stayed.batch, stayed, how)
    const code = exitOf(stayed.batch, stayed)
    if (code !== exitCodes.ok) return yield* new Exit({ code })
  }
)
