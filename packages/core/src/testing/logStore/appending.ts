/** Only at the end, by one at a time. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { headerBytes } from "../../domain/LogFrame.ts"
import { LogStore } from "../../ports/LogStore.ts"
import { anAttempt, begun, frames, holds, type It, misplaced } from "./fixtures.ts"

export const appending = (it: It): void => {
  it.effect("has nothing of a log that has not begun", () => holds(anAttempt(), new Uint8Array(0)))

  it.effect("appends at the end and says where that is then", () =>
    Effect.gen(function*() {
      const log = frames(6, 100)
      const frame = headerBytes + 100
      const { attempt, logs } = yield* begun(log.subarray(0, frame))
      assert.strictEqual(yield* logs.append(attempt, frame, log.subarray(frame, 3 * frame)), 3 * frame)
      assert.strictEqual(yield* logs.append(attempt, 3 * frame, new Uint8Array(0)), 3 * frame)
      assert.strictEqual(yield* logs.append(attempt, 3 * frame, log.subarray(3 * frame)), log.length)
      yield* holds(attempt, log)
    }))

  it.effect("refuses what is not at the end, and says where that is", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const more = frames(1, 100, 3)
      const { attempt } = yield* begun(log)
      for (const offset of [0, 132, log.length - 1, log.length + 1, 10 * log.length]) {
        yield* misplaced(attempt, offset, more, log)
      }
      yield* misplaced(anAttempt(), 132, more, new Uint8Array(0))
    }))

  it.effect("refuses to write the same twice", () =>
    Effect.gen(function*() {
      const log = frames(3, 100)
      const { attempt } = yield* begun(log)
      yield* misplaced(attempt, 0, log, log)
    }))

  it.effect("takes only one of those who append at the same place", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const writers = Array.from({ length: 8 }, (_, seq) => frames(1, 1000, seq))
      const appended = yield* Effect.forEach(writers, (bytes) => Effect.option(logs.append(attempt, 0, bytes)), {
        concurrency: "unbounded"
      })
      const winners = appended.flatMap((end, index) => (end._tag === "Some" ? [writers[index]!] : []))
      assert.strictEqual(winners.length, 1)
      yield* holds(attempt, winners[0]!)
    }))

  it.effect("keeps attempts apart", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const { attempt } = yield* begun(frames(1, 10))
      const retried = { ...attempt, fence: 2 }
      yield* holds(retried, new Uint8Array(0))
      yield* logs.append(retried, 0, frames(2, 20, 7))
      const other = anAttempt()
      yield* logs.append(other, 0, frames(3, 30, 9))
      yield* holds(attempt, frames(1, 10))
      yield* holds(retried, frames(2, 20, 7))
      yield* holds(other, frames(3, 30, 9))
    }))

  it.effect("is not changed by what becomes of the bytes it was given or gave", () =>
    Effect.gen(function*() {
      const log = frames(2, 100)
      // Not `slice`: a Buffer's shares its memory.
      const given = new Uint8Array(log)
      const { attempt, logs } = yield* begun(given)
      given.fill(0)
      const read = yield* logs.read(attempt, 0, log.length)
      read.fill(0)
      yield* holds(attempt, log)
    }))
}
