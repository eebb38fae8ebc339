/** Staying with a batch: what changes is shown, and what its items made is brought here as they end. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { relative } from "node:path"
import type { BroughtBack } from "rgrid/client/bringBack"
import { bringBackMember, type Landing, parallelMembers } from "rgrid/client/batch/bringBackMember"
import { type BatchEvent, followBatch } from "rgrid/client/batch/followBatch"
import type { GridError } from "rgrid/client/errors"
import { type Retry, Retrying } from "rgrid/client/patience"
import { remarks } from "rgrid/client/broughtBackSentences"
import type { Batch } from "rgrid/domain/Batch"
import type { Execution } from "rgrid/domain/Execution"
import { fingerprint } from "rgrid/domain/causes/fingerprint"
import { mostNamed, type Seen } from "../output/causes.ts"
import { labelOf } from "../output/batch/items.ts"
import { makeTeller } from "../output/retrying.ts"
import { explain } from "../output/sentences.ts"
import { type BatchWatch, watchBatch, type WatchedHow } from "./batchWatch.ts"

export interface StayingWithBatch extends WatchedHow {
  /** Null: what it makes stays on the grid. */
  readonly landing: Landing | null
}

export interface Stayed {
  /** As it ended; null when the person left before. */
  readonly batch: Batch | null
  /** `unfinished`: items that did not complete and left something. */
  readonly brought: { readonly files: number; readonly bytes: number; readonly unfinished: number }
  /** The first of each cause that failed, by its fingerprint. */
  readonly failed: Seen
  /** Items whose outputs could not be fetched. */
  readonly unfetched: number
}

/** Ends that wait for their outputs to be fetched: the view is not held up by them. */
const waiting = 1000

class Errand {
  readonly view: BatchWatch
  readonly landing: Landing | null
  batch: Batch
  files = 0
  bytes = 0
  readonly failed = new Map<string, Array<string>>()
  unfinished = 0
  unfetched = 0

  constructor(batch: Batch, view: BatchWatch, landing: Landing | null) {
    this.batch = batch
    this.view = view
    this.landing = landing
  }

  fails(execution: Execution): void {
    if (execution.failure === null || execution.state === "canceled") return
    const cause = fingerprint(execution.failure)
    const names = this.failed.get(cause) ?? []
    if (names.length < mostNamed) this.failed.set(cause, [...names, labelOf(execution)])
  }
}

/** What people are told of where it is: `outputs/data_042/`. */
const whereOf = ({ batch }: Execution, { directory, flat }: Landing): string => {
  const shown = relative(process.cwd(), directory) || "."
  return flat ? `${shown}/` : `${shown}/${batch?.name ?? ""}/`
}

const taken = Effect.fnUntraced(function*(errand: Errand, landing: Landing, execution: Execution, brought: BroughtBack) {
  errand.files += brought.written.length
  errand.bytes += brought.written.reduce((sum, { bytes }) => sum + bytes, 0)
  if (execution.state !== "completed" && brought.written.length > 0) errand.unfinished++
  for (const remark of remarks(brought)) yield* errand.view.say(`${labelOf(execution)}: ${remark}`)
  yield* errand.view.ended(execution, brought.written.length === 0 ? null : whereOf(execution, landing), brought)
})

/** One that can't be fetched keeps no other back; it can be fetched later. */
const untaken = Effect.fnUntraced(function*(errand: Errand, execution: Execution, error: GridError) {
  errand.unfetched++
  const { what, why } = explain(error)
  yield* errand.view.say(`${labelOf(execution)}: its outputs were not fetched. ${what} ${why}`.trim())
  yield* errand.view.ended(execution, null, null)
})

const bring = Effect.fnUntraced(function*(errand: Errand, execution: Execution) {
  const { landing, view } = errand
  errand.fails(execution)
  if (landing === null) return yield* view.ended(execution, null, null)
  const brought = yield* bringBackMember(execution, landing).pipe(
    Effect.mapError((error) => error._tag === "NotWritten" ? error.of(errand.batch.id) : error),
    Effect.asSome,
    Effect.catchIf(
      (error) => error._tag !== "NotWritten",
      (error) => Effect.as(untaken(errand, execution, error), Option.none<BroughtBack>())
    )
  )
  if (Option.isSome(brought)) yield* taken(errand, landing, execution, brought.value)
})

type Ends = Queue.Queue<Execution, Cause.Done>

const take = (errand: Errand, ends: Ends, tell: (retry: Retry) => Effect.Effect<void>) => (event: BatchEvent) => {
  switch (event._tag) {
    case "BatchChanged":
    case "Ended":
      errand.batch = event.batch
      return errand.view.changed(event.batch)
    case "MemberEnded":
      return Effect.asVoid(Queue.offer(ends, event.execution))
    case "Reconnecting":
      return tell(event)
  }
}

/** Returns when the batch has ended and all is here, or when the person left. `beside` goes on meanwhile. */
export const stayWithBatch = Effect.fnUntraced(
  function*<E, R>(batch: Batch, how: StayingWithBatch, beside: Effect.Effect<void, E, R>) {
    const view = yield* watchBatch(batch, how)
    const errand = new Errand(batch, view, how.landing)
    const tell = makeTeller(view.say)
    const ends = yield* Queue.bounded<Execution, Cause.Done>(waiting)
    const following = followBatch(batch.id).pipe(
      Stream.runForEach(take(errand, ends, tell)),
      Effect.andThen(Queue.end(ends))
    )
    const bringing = Stream.fromQueue(ends).pipe(
      Stream.mapEffect((execution) => bring(errand, execution), { concurrency: parallelMembers, unordered: true }),
      Stream.runDrain
    )
    const all = Effect.as(Effect.all([beside, following, bringing], { concurrency: "unbounded", discard: true }), true)
    const ended = yield* all.pipe(
      Effect.raceFirst(Effect.as(view.detached, false)),
      Effect.provideService(Retrying, tell),
      Effect.ensuring(view.end)
    )
    const { bytes, failed, files, unfetched, unfinished } = errand
    const stayed: Stayed = { batch: ended ? errand.batch : null, brought: { files, bytes, unfinished }, failed, unfetched }
    return stayed
  },
  Effect.scoped
)
