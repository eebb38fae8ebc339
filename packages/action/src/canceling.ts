/** A job that is canceled leaves nothing running on a grid. */
import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import * as batches from "rgrid/client/batch/batches"
import * as executions from "rgrid/client/executions"
import { states } from "./states.ts"

/** The runner gives a canceled step 7.5 seconds. */
const patience = "5 seconds"

export const cancelRemote = (id: string) =>
  (batches.isBatch(id) ? Effect.asVoid(batches.cancel(id)) : Effect.asVoid(executions.cancel(id))).pipe(
    Effect.timeout(patience),
    Effect.ignore
  )

/**
 * What is cut off while it is submitted may have been accepted all the same: sent once more with its key, it is the same
 * one, and has an id to cancel.
 */
export const cancelingUnheard = <A>(idOf: (sent: A) => string) => <E, R>(submitting: Effect.Effect<A, E, R>) =>
  submitting.pipe(
    Effect.onInterrupt(() =>
      submitting.pipe(
        Effect.flatMap((sent) => cancelRemote(idOf(sent))),
        // Its files are not waited for: without them it never starts.
        Effect.timeout(patience),
        Effect.ignore
      )
    )
  )

/** Remembers what runs, for the end of the job too, which comes when this process could not see to it. */
export const cancelingOnInterrupt = (id: string) => <A, E, R>(staying: Effect.Effect<A, E, R>) =>
  Effect.sync(() => core.saveState(states.running, id)).pipe(
    Effect.andThen(staying),
    Effect.onInterrupt(() => cancelRemote(id)),
    Effect.tap(() => Effect.sync(() => core.saveState(states.running, "")))
  )
