import * as Effect from "effect/Effect"
import type * as Duration from "effect/Duration"
import * as Stream from "effect/Stream"
import type { AccountId, BatchId } from "../../domain/Id.ts"
import { BatchStore } from "../../ports/BatchStore.ts"

export interface FinishedRequest {
  readonly after: number
  readonly limit: number
  /** How long to wait for something to be there; absent: not at all. */
  readonly wait?: Duration.Duration
}

const page = Effect.fnUntraced(function*(account: AccountId, id: BatchId, { after, limit }: FinishedRequest) {
  const store = yield* BatchStore
  // First the batch: ends that come between the two are in the page and in no count, never the other way round.
  const batch = yield* store.find(account, id)
  const rows = yield* store.finished(account, id, after, limit)
  return {
    batch,
    executions: rows.map(({ execution }) => execution),
    next: rows.at(-1)?.number ?? after,
    ended: batch.endedAt !== null && rows.length < limit
  }
})

/** One page of a batch's ends. With `wait` it is answered as soon as one is there; `changes` tells when to look. */
export const finishedPage = Effect.fn("grid.finishedPage")(
  function*(account: AccountId, id: BatchId, request: FinishedRequest, changes: Stream.Stream<void>) {
    const first = yield* page(account, id, request)
    if (first.executions.length > 0 || first.ended || request.wait === undefined) return first
    // A hint may be missed.
    return yield* Stream.merge(changes, Stream.tick("2 seconds")).pipe(
      Stream.mapEffect(() => page(account, id, request)),
      Stream.filter((found) => found.executions.length > 0 || found.ended),
      Stream.runHead,
      Effect.flatMap((found) => Effect.fromOption(found)),
      Effect.timeoutOrElse({ duration: request.wait, orElse: () => page(account, id, request) }),
      Effect.catchTag("NoSuchElementError", () => Effect.succeed(first))
    )
  }
)
