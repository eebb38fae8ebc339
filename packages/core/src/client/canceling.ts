/** Who gives up what it submitted leaves nothing running on a grid. */
import * as Effect from "effect/Effect"
import * as batches from "./batch/batches.ts"
import * as executions from "./executions.ts"

/** A canceled step of GitHub's has 7.5 seconds; nobody else waits longer. */
const patience = "5 seconds"

const asked = (id: string) => batches.isBatch(id) ? Effect.asVoid(batches.cancel(id)) : Effect.asVoid(executions.cancel(id))

/** Asks for the end of an execution or a batch, as far as that can be done in a few seconds. */
export const cancelQuietly = (id: string) => asked(id).pipe(Effect.timeout(patience), Effect.ignore)

export interface Submission<S, E, R> {
  /** With a key: sent twice, it is the same one. */
  readonly submitting: Effect.Effect<S, E, R>
  readonly idOf: (sent: S) => string
}

/**
 * Submits and stays; cut off at any moment, what was submitted is canceled. What is cut off on its way may have been accepted
 * all the same: sent once more with its key, it has an id to cancel.
 */
export const stayOrCancel = <S, E, R, A, E2, R2>(
  { idOf, submitting }: Submission<S, E, R>,
  stay: (sent: S) => Effect.Effect<A, E2, R2>
) =>
  Effect.suspend(() => {
    const heard: { id?: string } = {}
    const submitted = Effect.tap(submitting, (sent) =>
      Effect.sync(() => {
        heard.id = idOf(sent)
      }))
    // Its files are not waited for: without them it never starts.
    const unheard = Effect.flatMap(submitting, (sent) => asked(idOf(sent)))
    return Effect.flatMap(submitted, stay).pipe(
      Effect.onInterrupt(() =>
        Effect.suspend(() => heard.id === undefined ? unheard : asked(heard.id)).pipe(Effect.timeout(patience), Effect.ignore)
      )
    )
  })
