import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as batches from "rgrid/client/batch/batches"
import { details, toJson } from "../output/batches.ts"
import * as stdio from "../output/stdio.ts"
import { stayWithBatch } from "./stayWithBatch.ts"

interface Asked {
  readonly json: boolean
  readonly watch: boolean
}

/** Nothing of it is fetched: whoever watches may be elsewhere. */
export const showBatch = Effect.fnUntraced(function*(id: string, { json, watch }: Asked) {
  const found = yield* batches.get(id)
  const stays = watch && found.endedAt === null
  const stayed = stays
    ? yield* stayWithBatch(found, { json, watch, startedHere: false, landing: null }, Effect.void)
    : { batch: found }
  if (stayed.batch === null) return
  if (json) {
    // Behind lines of progress the end is a line too.
    return yield* watch ? stdio.jsonLine({ type: "done", batch: toJson(stayed.batch) }) : stdio.json(toJson(stayed.batch))
  }
  yield* stdio.stdout(details(stayed.batch, yield* Clock.currentTimeMillis))
})
