/** The store's hints, heard once a server and given to whoever waits. One may be missed: whoever waits also looks. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { ExecutionStore, type Hint } from "rgrid/ports/ExecutionStore"

export class Hints extends Context.Service<Hints, {
  readonly all: Stream.Stream<Hint>
  /** Emits when this execution may have changed. */
  readonly changed: (execution: string) => Stream.Stream<void>
  /** Emits when a member of this batch may have ended. */
  readonly batchChanged: (batch: string) => Stream.Stream<void>
}>()("@rgrid/server/runners/Hints") {
  static readonly layer: Layer.Layer<Hints, never, ExecutionStore> = Layer.effect(
    Hints,
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      // Slow listeners lose the oldest hints and find out by looking; a burst of ends must not hold the store's ear.
      const heard = yield* PubSub.sliding<Hint>(4096)
      yield* store.hints.pipe(
        Stream.runForEach((hint) => PubSub.publish(heard, hint)),
        Effect.retry(Schedule.spaced("500 millis")),
        Effect.repeat(Schedule.spaced("500 millis")),
        Effect.forkScoped
      )
      const all = Stream.fromPubSub(heard)
      return Hints.of({
        all,
        changed: (execution) =>
          all.pipe(
            Stream.filter((hint) => "execution" in hint && hint.execution === execution),
            Stream.map(() => undefined)
          ),
        batchChanged: (batch) =>
          all.pipe(
            Stream.filter((hint) => hint._tag === "BatchChanged" && hint.batch === batch),
            Stream.map(() => undefined)
          )
      })
    })
  )
}
