/**
 * What has a deadline and let it pass is ended or queued again. When the grid itself was away, nobody could renew:
 * first every lease gets another term, then it is looked which have run out.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"

const every = Duration.seconds(5)

/** A machine that slept and a database that hung give no error: only the time between two rounds tells. */
const longestGap = Duration.toMillis(every) * 3

/** Milliseconds since 1970, at which the last round that went well ended; null before the first and after a failure. */
type LastRound = number | null

/** Whether the grid was away since its last round, so that leases ran out for which no attempt is to blame. */
export const wasAway = (last: LastRound, now: number): boolean => last === null || now - last > longestGap

const round = Effect.fnUntraced(function*(last: LastRound) {
  const store = yield* ExecutionStore
  // Answers late when the database hangs, so that the gap is seen before anything is reclaimed.
  yield* store.ping
  if (wasAway(last, yield* Clock.currentTimeMillis)) yield* store.extendLeases
  const reclaimed = yield* store.sweep
  if (reclaimed.length > 0) yield* Effect.logInfo("Deadlines passed", { reclaimed })
  return yield* Clock.currentTimeMillis
})

const sweep = Effect.gen(function*() {
  let last: LastRound = null
  let failing = false
  const failed = (message: string, cause: unknown) =>
    Effect.suspend(() => {
      const known = failing
      last = null
      failing = true
      return known ? Effect.void : Effect.logWarning(message, cause)
    })
  const once = Effect.suspend(() => round(last)).pipe(
    Effect.map((at) => {
      last = at
      failing = false
    }),
    Effect.catchTag("StoreUnavailable", ({ detail }) => failed("The database does not answer", { detail })),
    // A loop that ends would leave every deadline without an owner.
    Effect.catchDefect((defect) => failed("A sweep failed", defect))
  )
  yield* Effect.repeat(once, Schedule.spaced(every))
})

export const sweeping = Layer.effectDiscard(Effect.forkScoped(sweep))
