/** What is removed is gone, and may begin anew. */
import * as Effect from "effect/Effect"
import { anAttempt, begun, frames, holds, type It, long } from "./fixtures.ts"

export const removing = (it: It): void => {
  it.effect("forgets a log, sealed or not, once or often, and no other", () =>
    Effect.gen(function*() {
      const open = yield* begun(frames(2, 100))
      const sealed = yield* begun(frames(3, 100))
      const other = yield* begun(frames(4, 100))
      const { logs } = other
      yield* logs.seal(sealed.attempt)
      for (const { attempt } of [open, sealed]) {
        yield* logs.remove(attempt)
        yield* holds(attempt, new Uint8Array(0))
        yield* logs.remove(attempt)
        yield* holds(attempt, new Uint8Array(0))
      }
      yield* logs.remove(anAttempt())
      yield* holds(other.attempt, frames(4, 100))
      const retried = { ...other.attempt, fence: 2 }
      yield* logs.append(retried, 0, frames(1, 10))
      yield* logs.remove(other.attempt)
      yield* holds(retried, frames(1, 10))
    }))

  it.effect("forgets all of a long log and of an empty one", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(long)
      const empty = anAttempt()
      yield* logs.seal(attempt)
      yield* logs.seal(empty)
      for (const one of [attempt, empty]) {
        yield* logs.remove(one)
        yield* holds(one, new Uint8Array(0))
        // Nothing of the old one is left to be taken for what begins anew.
        yield* logs.append(one, 0, frames(1, 10))
        yield* holds(one, frames(1, 10))
      }
    }), 30_000)
}
