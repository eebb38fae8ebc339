/** A grid that nobody needs ends itself: nothing queued, nothing running, no request for so long. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { Activity } from "../http/Activity.ts"
import type { IdleSettings } from "../Settings.ts"

/** Often enough that the end comes on time, seldom enough to cost nothing. */
const everyOf = (limitMillis: number): number => Math.min(15_000, Math.max(250, limitMillis / 4))

const look = Effect.fnUntraced(function*(limitMillis: number) {
  const activity = yield* Activity
  // A database that does not answer tells nothing: better to stay.
  const busy = yield* ExecutionStore.use((store) => store.busy).pipe(
    Effect.catchTag("StoreUnavailable", () => Effect.succeed(true))
  )
  if (busy) yield* activity.touch
  return !busy && (yield* activity.close(limitMillis))
})

const leave = ({ end }: IdleSettings) =>
  Effect.logInfo("Nobody needs this grid any more: it ends").pipe(
    Effect.andThen(Effect.tryPromise(end)),
    Effect.as(true),
    Effect.catch((error) =>
      Effect.logError("It can't be ended", error).pipe(
        Effect.andThen(Activity.use((activity) => activity.reopen)),
        Effect.as(false)
      )
    )
  )

const watch = Effect.fnUntraced(function*(settings: IdleSettings) {
  const every = Duration.millis(everyOf(settings.limitMillis))
  for (let left = false; !left;) {
    yield* Effect.sleep(every)
    if (yield* look(settings.limitMillis)) left = yield* leave(settings)
  }
})

/** Without settings nothing ever ends. */
export const idling = (settings: IdleSettings | undefined): Layer.Layer<never, never, Activity | ExecutionStore> =>
  settings === undefined ? Layer.empty : Layer.effectDiscard(Effect.forkScoped(watch(settings)))
