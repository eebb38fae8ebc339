import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

/** One at a time for each key, so that two who want the same make it once. */
export class Turns {
  private readonly turns = new Map<string, { readonly semaphore: Semaphore.Semaphore; waiting: number }>()

  readonly one = (key: string) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const turn = this.turns.get(key) ?? { semaphore: Semaphore.makeUnsafe(1), waiting: 0 }
      this.turns.set(key, turn)
      turn.waiting++
      return Effect.ensuring(
        turn.semaphore.withPermit(effect),
        Effect.sync(() => {
          if (--turn.waiting === 0) this.turns.delete(key)
        })
      )
    })
}
