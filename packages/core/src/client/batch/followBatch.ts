/** A batch as it goes on, whatever happens to the connection: each end once, in the order of the ends. */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { FinishedPage } from "../../api/Batches.ts"
import type { Batch } from "../../domain/Batch.ts"
import type { Execution } from "../../domain/Execution.ts"
import type { GridError } from "../errors.ts"
import type { GridClient } from "../GridClient.ts"
import { Retrying } from "../patience.ts"
import * as batches from "./batches.ts"

export type BatchEvent =
  /** Something of it changed; at most once a second. */
  | { readonly _tag: "BatchChanged"; readonly batch: Batch }
  | { readonly _tag: "MemberEnded"; readonly execution: Execution }
  | { readonly _tag: "Reconnecting"; readonly try: number; readonly of: number }
  | { readonly _tag: "Ended"; readonly batch: Batch }

type Events = Queue.Queue<BatchEvent, GridError | Cause.Done>

/** Ends wake the one who waits for them; other changes are seen when that comes back. */
const waitSeconds = 2

/** Between two answers, so that ends in quick succession come together. */
const pauseMillis = 250

const leastMillisBetweenChanges = 1000

/** A grid may be away for as long as a machine takes to start; a batch is worth more waiting than one question. */
const rounds = 10
const roundPause = "5 seconds"

interface Following {
  readonly id: string
  readonly events: Events
  after: number
  /** As it was told last. */
  told: string
  toldAt: number
}

const tellChange = Effect.fnUntraced(function*(following: Following, batch: Batch) {
  const now = yield* Clock.currentTimeMillis
  const seen = JSON.stringify([batch.counts, batch.halted, batch.cost])
  if (seen === following.told || now - following.toldAt < leastMillisBetweenChanges) return
  following.told = seen
  following.toldAt = now
  yield* Queue.offer(following.events, { _tag: "BatchChanged", batch })
})

const page = Effect.fnUntraced(function*({ after, events, id }: Following) {
  const tell = (retry: { readonly try: number; readonly of: number }) =>
    Effect.asVoid(Queue.offer(events, { _tag: "Reconnecting", ...retry }))
  const ask = Effect.provideService(batches.finished(id, { after, wait: waitSeconds }), Retrying, tell)
  return yield* ask.pipe(
    Effect.tapError((error) => error._tag === "ServerUnreachable" ? Effect.sleep(roundPause) : Effect.void),
    Effect.retry({ times: rounds, while: (error) => error._tag === "ServerUnreachable" && error.tries !== undefined })
  )
})

const take = Effect.fnUntraced(function*(following: Following, { batch, executions, next }: FinishedPage) {
  yield* tellChange(following, batch)
  for (const execution of executions) yield* Queue.offer(following.events, { _tag: "MemberEnded", execution })
  following.after = next
})

const run = Effect.fnUntraced(function*(id: string, after: number, events: Events) {
  const following: Following = { id, events, after, told: "", toldAt: Number.NEGATIVE_INFINITY }
  while (true) {
    const found = yield* page(following)
    yield* take(following, found)
    if (found.ended) {
      yield* Queue.offer(events, { _tag: "Ended", batch: found.batch })
      return yield* Queue.end(events)
    }
    if (found.executions.length < batches.finishedPage) yield* Effect.sleep(pauseMillis)
  }
})

export interface FollowBatchOptions {
  /** Only ends behind this one. */
  readonly after?: number
}

/**
 * Changes and ends, live, then `Ended`. Pulling slowly slows the reading, never the batch; memory stays bounded. A lost
 * connection is told and mended; it fails when a grid stays away for minutes.
 */
export const followBatch = (
  id: string,
  { after = 0 }: FollowBatchOptions = {}
): Stream.Stream<BatchEvent, GridError, GridClient> =>
  Stream.callback<BatchEvent, GridError, GridClient>(
    (events) => run(id, after, events),
    { bufferSize: 256, strategy: "suspend" }
  )
