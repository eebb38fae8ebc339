/** When a grid may end itself, and that nobody is let in while it does. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { ExecutionStore, StoreUnavailable } from "rgrid/ports/ExecutionStore"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import { Activity } from "../../src/http/Activity.ts"
import { idling } from "../../src/loops/idle.ts"

interface World {
  busy: boolean | "unknown"
  ends: number
  failing: boolean
}

const store = (world: World) =>
  Layer.effect(
    ExecutionStore,
    Effect.map(MemoryStores.make, ({ executions: memory }) => ({
      ...memory,
      busy: Effect.suspend((): Effect.Effect<boolean, StoreUnavailable> =>
        world.busy === "unknown" ? Effect.fail(new StoreUnavailable({ detail: "away" })) : Effect.succeed(world.busy))
    }))
  )

/** A grid that ends after half an hour without need. */
const grid = Effect.fnUntraced(function*(world: World) {
  const end = async () => {
    if (world.failing) throw new Error("disk full")
    world.ends++
  }
  const context = yield* Layer.build(
    idling({ limitMillis: 30 * 60_000, end }).pipe(Layer.provideMerge(Activity.layer), Layer.provide(store(world)))
  )
  return yield* Effect.provide(Activity, context)
})

const requested = (url: string) =>
  Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(new Request(`http://g${url}`)))

const idle = (): World => ({ busy: false, ends: 0, failing: false })

describe("a grid that nobody needs", () => {
  it.effect("ends after its time, once, and lets nobody in from then on", () =>
    Effect.gen(function*() {
      const world = idle()
      const activity = yield* grid(world)
      yield* TestClock.adjust("29 minutes")
      assert.deepStrictEqual([world.ends, activity.isClosed()], [0, false])
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual([world.ends, activity.isClosed()], [1, true])
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(world.ends, 1)
    }))

  it.effect("stays while work is queued or runs, and its time begins when that has ended", () =>
    Effect.gen(function*() {
      const world: World = { ...idle(), busy: true }
      yield* grid(world)
      yield* TestClock.adjust("5 hours")
      world.busy = "unknown"
      yield* TestClock.adjust("5 hours")
      world.busy = false
      yield* TestClock.adjust("29 minutes")
      assert.strictEqual(world.ends, 0)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(world.ends, 1)
    }))

  it.effect("stays while a request lasts, however long, and its time begins at the request's end", () =>
    Effect.gen(function*() {
      const world = idle()
      const activity = yield* grid(world)
      const done = yield* Deferred.make<void>()
      const request = yield* Effect.forkChild(activity.counted(Deferred.await(done)).pipe(requested("/api/v1/x")))
      yield* TestClock.adjust("5 hours")
      yield* Deferred.succeed(done, undefined)
      yield* Fiber.join(request)
      yield* TestClock.adjust("29 minutes")
      assert.strictEqual(world.ends, 0)
      yield* activity.counted(Effect.void).pipe(requested("/health"))
      yield* TestClock.adjust("29 minutes")
      assert.strictEqual(world.ends, 0)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(world.ends, 1)
    }))

  it.effect("is not kept by its own runner", () =>
    Effect.gen(function*() {
      const world = idle()
      const activity = yield* grid(world)
      yield* Effect.forkChild(activity.counted(Effect.never).pipe(requested("/api/v1/runner")))
      yield* TestClock.adjust("31 minutes")
      assert.strictEqual(world.ends, 1)
    }))

  it.effect("goes on when it can't be ended, and tries again later", () =>
    Effect.gen(function*() {
      const world: World = { ...idle(), failing: true }
      const activity = yield* grid(world)
      yield* TestClock.adjust("31 minutes")
      assert.isFalse(activity.isClosed())
      world.failing = false
      yield* TestClock.adjust("31 minutes")
      assert.deepStrictEqual([world.ends, activity.isClosed()], [1, true])
    }))
})
