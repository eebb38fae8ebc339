/**
 * What has a deadline and let it pass is ended or queued again. When the grid itself was away, nobody could renew: first
 * every lease gets another term, then it is looked which have run out.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"

const every = "5 seconds"

/** `true` after a round in which the store did not answer, and at first: this server was away. */
const round = Effect.fnUntraced(function*(wasAway: boolean) {
  const store = yield* ExecutionStore
  if (wasAway) yield* store.extendLeases
  const reclaimed = yield* store.sweep
  if (reclaimed.length > 0) yield* Effect.logInfo("Deadlines passed", { reclaimed })
  return false
}, Effect.catchTag("StoreUnavailable", ({ detail }) =>
  Effect.as(Effect.logWarning("The database does not answer", { detail }), true)
), Effect.catchDefect((defect) =>
  // A loop that ends would leave every deadline without an owner.
  Effect.as(Effect.logError("A sweep failed", defect), true)))

const sweep = Effect.gen(function*() {
  let away = true
  yield* Effect.repeat(
    Effect.suspend(() => round(away)).pipe(Effect.tap((was) => Effect.sync(() => (away = was)))),
    Schedule.spaced(every)
  )
})

export const sweeping = Layer.effectDiscard(Effect.forkScoped(sweep))
