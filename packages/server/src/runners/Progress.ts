/**
 * How far attempts are that have not started yet, as their runners tell it: the newest word on each, for whoever reads its
 * log here. In memory only; a reader on another server is told nothing, and misses nothing but patience.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import type { ExecutionId } from "rgrid/domain/Id"
import type { Progress as Told } from "rgrid/domain/Progress"

/** A runner that vanished leaves its last word behind: the oldest go. */
const most = 1000

interface Word {
  readonly execution: ExecutionId
  readonly attempt: number
  readonly progress: Told
}

export class Progress extends Context.Service<Progress, {
  readonly tell: (execution: ExecutionId, attempt: number, progress: Told) => Effect.Effect<void>
  /** The newest word, if the attempt has not started, and all that follow. Slow readers lose the oldest. */
  readonly of: (execution: ExecutionId) => Stream.Stream<Word>
}>()("@rgrid/server/runners/Progress") {
  static readonly layer: Layer.Layer<Progress> = Layer.effect(
    Progress,
    Effect.gen(function*() {
      const newest = new Map<ExecutionId, Word>()
      const told = yield* PubSub.sliding<Word>(256)
      const keep = (word: Word) => {
        newest.delete(word.execution)
        if (word.progress.phase === "starting") return
        newest.set(word.execution, word)
        for (const oldest of newest.keys()) if (newest.size > most) newest.delete(oldest)
      }
      return Progress.of({
        tell: (execution, attempt, progress) =>
          Effect.suspend(() => {
            const word = { execution, attempt, progress }
            keep(word)
            return Effect.asVoid(PubSub.publish(told, word))
          }),
        of: (execution) =>
          // Subscribed before the newest is looked up: what is told meanwhile is heard.
          Stream.unwrap(Effect.map(PubSub.subscribe(told), (subscription) => {
            const word = newest.get(execution)
            const later = Stream.fromSubscription(subscription).pipe(Stream.filter((told) => told.execution === execution))
            return word === undefined ? later : Stream.concat(Stream.succeed(word), later)
          }))
      })
    })
  )
}
