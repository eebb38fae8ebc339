/** What is sealed stays as it is. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Attempt } from "../../ports/ExecutionStore.ts"
import { LogStore } from "../../ports/LogStore.ts"
import { anAttempt, begun, frames, holds, type It, misplaced } from "./fixtures.ts"

/** Sealed: the same log, for good. */
const closed = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array) {
  assert.isTrue(yield* LogStore.use((logs) => logs.sealed(attempt)))
  yield* holds(attempt, log)
  yield* misplaced(attempt, log.length, frames(1, 10, 50), log)
  yield* misplaced(attempt, 0, frames(1, 10, 50), log)
})

export const sealing = (it: It): void => {
  it.effect("takes nothing more once sealed, and seals once or often", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt, logs } = yield* begun(log)
      yield* logs.seal(attempt)
      yield* closed(attempt, log)
      yield* logs.seal(attempt)
      yield* Effect.all([logs.seal(attempt), logs.seal(attempt)], { concurrency: "unbounded" })
      yield* closed(attempt, log)
    }))

  it.effect("seals for many at once", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt, logs } = yield* begun(log)
      yield* Effect.all(Array.from({ length: 5 }, () => logs.seal(attempt)), { concurrency: "unbounded" })
      yield* closed(attempt, log)
    }))

  it.effect("seals a log that has not begun: empty it stays", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      yield* logs.seal(attempt)
      yield* closed(attempt, new Uint8Array(0))
      yield* logs.seal(attempt)
      yield* closed(attempt, new Uint8Array(0))
    }))

  it.effect("seals one attempt and leaves the next one open", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(frames(1, 10))
      yield* logs.seal(attempt)
      const retried = { ...attempt, fence: 2 }
      yield* logs.append(retried, 0, frames(2, 10))
      yield* holds(retried, frames(2, 10))
      assert.isFalse(yield* logs.sealed(retried))
    }))

  it.effect("has an append whole or not at all when it is sealed at the same time", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt, logs } = yield* begun(log)
      const more = frames(2, 100, 3)
      const append = Effect.option(logs.append(attempt, log.length, more))
      const [appended] = yield* Effect.all([append, logs.seal(attempt)], { concurrency: "unbounded" })
      yield* closed(attempt, appended._tag === "Some" ? Buffer.concat([log, more]) : log)
    }))
}
