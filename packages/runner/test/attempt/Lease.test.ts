import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as Lease from "../../src/attempt/Lease.ts"

const term = Duration.seconds(60)

describe("a lease", () => {
  it.effect("is counted from the sending of the last accepted renewal", () =>
    Effect.gen(function*() {
      const lease = yield* Lease.make(term)
      const told: Array<number> = []
      yield* lease.follow((left) => Effect.sync(() => void told.push(Duration.toSeconds(left))))
      yield* TestClock.adjust("15 seconds")
      const sentAt = yield* Clock.monotonicTimeNanos
      yield* TestClock.adjust("20 seconds")
      yield* lease.renewed(sentAt, term)
      assert.deepStrictEqual(told, [40])
      assert.strictEqual(Duration.toSeconds(yield* lease.left), 40)
    }))

  it.effect("is not shortened by an answer that came late", () =>
    Effect.gen(function*() {
      const lease = yield* Lease.make(term)
      const early = yield* Clock.monotonicTimeNanos
      yield* TestClock.adjust("30 seconds")
      yield* lease.renewed(yield* Clock.monotonicTimeNanos, term)
      yield* lease.renewed(early, term)
      assert.strictEqual(Duration.toSeconds(yield* lease.left), 60)
    }))

  it.effect("never is less than nothing", () =>
    Effect.gen(function*() {
      const lease = yield* Lease.make(term)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(Duration.toSeconds(yield* lease.left), 0)
    }))
})
