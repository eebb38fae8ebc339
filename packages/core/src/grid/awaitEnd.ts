import * as Effect from "effect/Effect"
import type * as Duration from "effect/Duration"
import * as Stream from "effect/Stream"
import { isFinal } from "../domain/ExecutionState.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { ExecutionStore } from "../ports/ExecutionStore.ts"

/** The execution once it has ended, or as it is when the time is over; `changes` tells when to look. */
export const awaitEnd = Effect.fn("grid.awaitEnd")(
  function*(account: AccountId, id: ExecutionId, wait: Duration.Duration, changes: Stream.Stream<void>) {
    const find = ExecutionStore.use((store) => store.find(account, id))
    const first = yield* find
    if (isFinal(first.state)) return first
    // A hint may be missed, also the one between the look above and the listening.
    return yield* Stream.merge(changes, Stream.tick("2 seconds")).pipe(
      Stream.mapEffect(() => find),
      Stream.filter(({ state }) => isFinal(state)),
      Stream.runHead,
      Effect.flatMap((found) => Effect.fromOption(found)),
      Effect.timeoutOrElse({ duration: wait, orElse: () => find }),
      Effect.catchTag("NoSuchElementError", () => find)
    )
  }
)
