/** The order of rounds: nobody's lease ends for an outage of the grid itself. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ExecutionStore, StoreUnavailable } from "rgrid/ports/ExecutionStore"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import * as TestClock from "effect/testing/TestClock"
import { sweeping, wasAway } from "../../src/loops/sweep.ts"

interface Database {
  readonly calls: Array<string>
  state: "up" | "down" | "broken"
}

const call = (database: Database, name: string) =>
  Effect.suspend((): Effect.Effect<void, StoreUnavailable> => {
    if (database.state === "down") return Effect.fail(new StoreUnavailable({ detail: "away" }))
    if (database.state === "broken") return Effect.die(new Error("no such column"))
    return Effect.sync(() => void database.calls.push(name))
  })

const store = (database: Database) =>
  Layer.effect(
    ExecutionStore,
    Effect.map(MemoryStores.make, ({ executions: memory }) => ({
      ...memory,
      ping: call(database, "ping"),
      extendLeases: call(database, "extend"),
      sweep: Effect.as(call(database, "sweep"), [])
    }))
  )

/** The calls that change something, of the rounds since the last look. */
const changes = ({ calls }: Database): ReadonlyArray<string> => calls.splice(0).filter((name) => name !== "ping")

const swept = Effect.fnUntraced(function*(state: Database["state"]) {
  const database: Database = { calls: [], state }
  yield* Layer.build(sweeping.pipe(Layer.provide(store(database))))
  yield* TestClock.adjust("1 second")
  return database
})

describe("sweeping", () => {
  it.effect("first gives every lease another term, then only sweeps, every five seconds", () =>
    Effect.gen(function*() {
      const database = yield* swept("up")
      assert.deepStrictEqual(changes(database), ["extend", "sweep"])
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(changes(database), ["sweep", "sweep", "sweep"])
    }))

  for (const trouble of ["down", "broken"] as const) {
    it.effect(`takes nothing back while the database is ${trouble}, and extends once it is there again`, () =>
      Effect.gen(function*() {
        const database = yield* swept("up")
        changes(database)
        database.state = trouble
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(changes(database), [])
        database.state = "up"
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(changes(database), ["extend", "sweep"])
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(changes(database), ["sweep"])
      }))
  }

  it.effect("starts without a database, and begins with an extension all the same", () =>
    Effect.gen(function*() {
      const database = yield* swept("down")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(changes(database), [])
      database.state = "up"
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(changes(database), ["extend", "sweep"])
    }))

  it.effect("sees a database that hung by the time it took", () =>
    Effect.gen(function*() {
      const database: Database = { calls: [], state: "up" }
      let delay = "0 seconds" as "0 seconds" | "2 minutes"
      const slow = Layer.effect(
        ExecutionStore,
        Effect.map(MemoryStores.make, ({ executions: memory }) => ({
          ...memory,
          ping: Effect.suspend(() => Effect.andThen(Effect.sleep(delay), call(database, "ping"))),
          extendLeases: call(database, "extend"),
          sweep: Effect.as(call(database, "sweep"), [])
        }))
      )
      yield* Layer.build(sweeping.pipe(Layer.provide(slow)))
      yield* TestClock.adjust("1 second")
      changes(database)
      delay = "2 minutes"
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(changes(database), [])
      delay = "0 seconds"
      yield* TestClock.adjust("1 minute")
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(changes(database).slice(0, 3), ["extend", "sweep", "sweep"])
    }))
})

describe("wasAway", () => {
  it("is so before the first round and after a gap of three periods", () => {
    assert.isTrue(wasAway(null, 0))
    assert.isFalse(wasAway(0, 5_000))
    assert.isFalse(wasAway(0, 15_000))
    assert.isTrue(wasAway(0, 15_001))
  })
})
