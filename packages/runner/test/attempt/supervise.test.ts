import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { SandboxError, SlotExit } from "rgrid/ports/Sandbox"
import { supervise } from "../../src/attempt/supervise.ts"
import { exited } from "../fixtures/FakeSandbox.ts"

const script = Effect.gen(function*() {
  const exit = yield* Deferred.make<SlotExit, SandboxError>()
  const signals: Array<number> = []
  return {
    signals,
    end: (over: Partial<SlotExit> = {}) => Deferred.succeed(exit, exited(over)),
    run: { exit: Deferred.await(exit), signal: (signal: number) => Effect.sync(() => void signals.push(signal)) }
  }
})

describe("supervising", () => {
  it.effect("asks first, and kills ten seconds later", () =>
    Effect.gen(function*() {
      const { end, run, signals } = yield* script
      const fiber = yield* Effect.forkChild(supervise(run, { timeoutSeconds: 30, canceled: Effect.never }))
      yield* TestClock.adjust("29 seconds")
      assert.deepStrictEqual(signals, [])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(signals, [15])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(signals, [15, 9])
      yield* end({ code: null, signal: 9 })
      assert.strictEqual((yield* Fiber.join(fiber)).intervention, "timeout")
    }))

  it.effect("does nothing to a script that ends in time", () =>
    Effect.gen(function*() {
      const { end, run, signals } = yield* script
      const fiber = yield* Effect.forkChild(supervise(run, { timeoutSeconds: 30, canceled: Effect.never }))
      yield* TestClock.adjust("29 seconds")
      yield* end()
      assert.strictEqual((yield* Fiber.join(fiber)).intervention, null)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(signals, [])
    }))

  it.effect("kills nothing that ended when it was asked to", () =>
    Effect.gen(function*() {
      const { end, run, signals } = yield* script
      const canceled = yield* Deferred.make<void>()
      const options = { timeoutSeconds: undefined, canceled: Deferred.await(canceled) }
      const fiber = yield* Effect.forkChild(supervise(run, options))
      yield* Deferred.succeed(canceled, undefined)
      yield* TestClock.adjust("1 second")
      yield* end()
      assert.strictEqual((yield* Fiber.join(fiber)).intervention, "cancel")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(signals, [15])
    }))
})
