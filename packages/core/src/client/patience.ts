/** How a call waits for a grid that is away for a moment, and who hears of it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** Six tries over about six seconds: a grid that restarts is back within two. Everything asked may be asked again. */
const patience = { schedule: Schedule.exponential("200 millis"), times: 5 } as const

/** How often something is tried before it is given up. */
export const tries = patience.times + 1

export interface Retry {
  /** Counts from 1. */
  readonly try: number
  readonly of: number
}

/** Hears of each retry, before it is made. By default nobody does. */
export const Retrying = Context.Reference<(retry: Retry) => Effect.Effect<void>>("rgrid/client/Retrying", {
  defaultValue: () => () => Effect.void
})

/** Repeats what failed for a moment, and tells. */
export const patiently = <A, E, R>(call: Effect.Effect<A, E, R>, isTransient: (error: E) => boolean) =>
  Effect.suspend(() => {
    let made = 0
    const tell = Effect.flatMap(Retrying, (hear) => hear({ try: made, of: patience.times }))
    return call.pipe(
      Effect.tapError((error) => isTransient(error) && ++made <= patience.times ? tell : Effect.void),
      Effect.retry({ ...patience, while: isTransient })
    )
  })
