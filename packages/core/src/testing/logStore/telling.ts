/** That something has changed. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Attempt } from "../../ports/ExecutionStore.ts"
import { LogStore } from "../../ports/LogStore.ts"
import { anAttempt, begun, frames, type It } from "./fixtures.ts"

/** What `changes` emitted, as it comes. */
const listening = Effect.fnUntraced(function*(attempt: Attempt) {
  const logs = yield* LogStore
  const heard = yield* Queue.unbounded<void>()
  yield* Effect.forkScoped(Stream.runForEach(logs.changes(attempt), () => Queue.offer(heard, undefined)))
  return heard
})

const hears = (heard: Queue.Queue<void>, what: string) =>
  Effect.timeoutOption(Queue.take(heard), "5 seconds").pipe(
    Effect.map((word) => assert.strictEqual(word._tag, "Some", what))
  )

/** For as long as a word that should not come is waited for. */
const hearsNothing = (heard: Queue.Queue<void>, what: string) =>
  Effect.timeoutOption(Queue.take(heard), "50 millis").pipe(
    Effect.map((word) => assert.strictEqual(word._tag, "None", what))
  )

export const telling = (it: It): void => {
  it.effect("tells at once, after each append and after the seal, of this attempt", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const heard = yield* listening(attempt)
      yield* hears(heard, "at once")
      let end = 0
      for (let seq = 0; seq < 5; seq++) {
        end = yield* logs.append(attempt, end, frames(1, 10, seq))
        yield* hears(heard, `append ${seq}`)
      }
      const other = { ...attempt, fence: 2 }
      yield* logs.append(other, 0, frames(1, 10))
      yield* logs.seal(other)
      yield* Effect.exit(logs.append(attempt, end + 1, frames(1, 10)))
      yield* hearsNothing(heard, "another's change, or none")
      yield* logs.seal(attempt)
      yield* hears(heard, "seal")
    }))

  it.effect("tells at once of a log that is sealed already", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(frames(1, 10))
      yield* logs.seal(attempt)
      yield* hears(yield* listening(attempt), "at once")
    }))

  it.effect("tells every listener", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const listeners = yield* Effect.all(Array.from({ length: 5 }, () => listening(attempt)))
      for (const heard of listeners) yield* hears(heard, "at once")
      yield* logs.append(attempt, 0, frames(1, 10))
      for (const heard of listeners) yield* hears(heard, "append")
      yield* logs.seal(attempt)
      for (const heard of listeners) yield* hears(heard, "seal")
    }))

  it.effect("misses nothing for a slow listener: what it reads last is the whole log", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const count = 100
      const log = frames(count, 10)
      const size = log.length / count
      const appendAll = Effect.gen(function*() {
        for (let at = 0; at < log.length; at += size) yield* logs.append(attempt, at, log.subarray(at, at + size))
      })
      const words: Array<number> = []
      const followed = logs.changes(attempt).pipe(
        // Slower than the writer: it looks at the log when it gets to it, and what came meanwhile must bring it back.
        Stream.mapEffect(() => Effect.andThen(Effect.sleep("5 millis"), logs.length(attempt))),
        Stream.tap((length) => Effect.sync(() => words.push(length))),
        Stream.takeUntil((length) => length === log.length),
        Stream.runDrain,
        Effect.timeout("10 seconds")
      )
      yield* Effect.all([followed, appendAll], { concurrency: "unbounded" })
      assert.strictEqual(words.at(-1), log.length)
      assert.isAtMost(words.length, count + 1)
    }), 20_000)
}
