/** What a server does that nobody asks anything: as little as its promises allow, and nothing twice a second. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { incarnation, runnerId } from "rgrid/domain/Id"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { AttemptTokens } from "../../src/AttemptToken.ts"
import { Activity } from "../../src/http/Activity.ts"
import { idling } from "../../src/loops/idle.ts"
import { sweeping } from "../../src/loops/sweep.ts"
import { dispatching } from "../../src/runners/dispatcher.ts"
import { Hints } from "../../src/runners/Hints.ts"
import { RunnerSessions } from "../../src/runners/RunnerSessions.ts"

/** Verbs of the store that were called, once for each call. */
const counted = (calls: Array<string>) =>
  Layer.effect(
    ExecutionStore,
    Effect.map(MemoryStores.make, ({ executions: memory }) => ({
      ...memory,
      claim: (claimant, count) => Effect.tap(memory.claim(claimant, count), () => Effect.sync(() => calls.push("claim"))),
      sweep: Effect.tap(memory.sweep, () => Effect.sync(() => calls.push("sweep"))),
      busy: Effect.tap(memory.busy, () => Effect.sync(() => calls.push("busy")))
    }))
  )

const loops = (calls: Array<string>) =>
  Layer.mergeAll(dispatching, sweeping, idling({ limitMillis: 30 * 60_000, end: async () => {} })).pipe(
    Layer.provideMerge(Layer.mergeAll(Hints.layer, RunnerSessions.layer, Activity.layer)),
    Layer.provide(AttemptTokens.layer(Redacted.make(new Uint8Array(32)))),
    Layer.provide(counted(calls))
  )

/** A runner with four slots that wait. */
const hungry = Effect.gen(function*() {
  const sessions = yield* RunnerSessions
  const session = yield* sessions.open({
    _tag: "Hello",
    runner: runnerId(0),
    incarnation: incarnation(0),
    name: "idle",
    sandbox: "process",
    version: "0",
    slots: 4,
    controls: [],
    running: []
  }, () => Effect.succeed(true), Effect.void)
  yield* sessions.ask(session, 4)
})

describe("a server that nobody needs", () => {
  it.effect("wakes for nothing more often than every second", () =>
    Effect.gen(function*() {
      const [calls, sleeps]: [Array<string>, Array<number>] = [[], []]
      const clock = yield* Clock.Clock
      const recording: Clock.Clock = Object.assign(Object.create(clock), {
        sleep: (duration: Duration.Duration) => {
          sleeps.push(Duration.toMillis(duration))
          return clock.sleep(duration)
        }
      })
      const context = yield* Layer.build(loops(calls)).pipe(Effect.provideService(Clock.Clock, recording))
      yield* hungry.pipe(Effect.provide(context))
      yield* TestClock.adjust("1 minute")
      assert.isAbove(sleeps.length, 0)
      assert.isAtLeast(Math.min(...sleeps), 1000)
      const often = (verb: string) => calls.filter((call) => call === verb).length
      assert.isAtMost(often("claim"), 22)
      assert.isAtMost(often("sweep"), 13)
      assert.isAtMost(often("busy"), 4)
      assert.isAtLeast(Math.min(often("claim"), often("sweep"), often("busy")), 3)
    }).pipe(Effect.scoped))
})
