import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import { isBatch } from "rgrid/client/batch/batches"
import { states } from "./states.ts"

/** For the job's end, which comes when this process could not see to what runs; and for later steps, however this one ends. */
const remember = (id: string): void => {
  core.saveState(states.running, id)
  core.setOutput(isBatch(id) ? "batch-id" : "execution-id", id)
}

export const remembering = <A, E, R>(id: string, staying: Effect.Effect<A, E, R>) =>
  Effect.sync(() => remember(id)).pipe(
    Effect.andThen(staying),
    Effect.tap(() => Effect.sync(() => core.saveState(states.running, "")))
  )
