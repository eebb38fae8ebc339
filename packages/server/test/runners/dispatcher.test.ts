/** Who gets what is queued, also when connections end in between. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { asked, connect, someone } from "./client.ts"
import { Database, Grid, queued, server } from "./fixtures.ts"

const soon = Effect.sleep("150 millis")

/** The next claim answers only after the door was opened. */
const slowClaim = Effect.gen(function*() {
  const database = yield* Database
  const claimed = yield* Deferred.make<void>()
  const door = yield* Deferred.make<void>()
  database.afterClaim = Effect.suspend(() => {
    database.afterClaim = Effect.void
    return Effect.andThen(Deferred.succeed(claimed, undefined), Deferred.await(door))
  })
  return { claimed: Deferred.await(claimed), open: Deferred.succeed(door, undefined) }
})

describe("the dispatcher", () => {
  it.live("gives what a gone runner can't be told of to another, at the cost of one attempt", () =>
    Effect.gen(function*() {
      const { account } = yield* Grid
      const store = yield* ExecutionStore
      const database = yield* Database
      const claim = yield* slowClaim
      const leaving = yield* connect(8)
      yield* leaving.say({ _tag: "Ask", free: 8 })
      yield* soon
      const id = yield* queued(1)
      yield* claim.claimed
      yield* leaving.leave
      yield* soon
      yield* claim.open
      yield* soon
      assert.strictEqual(database.lost, 1)
      assert.strictEqual((yield* store.find(account, id)).state, "queued")
      const [again] = yield* asked(yield* connect(1), 1)
      assert.deepStrictEqual([again?.execution, again?.fence], [id, 2])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("tells a runner over its new connection what was claimed for its old one", () =>
    Effect.gen(function*() {
      const database = yield* Database
      const claim = yield* slowClaim
      const who = someone()
      const old = yield* connect(1, who)
      yield* old.say({ _tag: "Ask", free: 1 })
      yield* soon
      const id = yield* queued()
      yield* claim.claimed
      const fresh = yield* connect(1, who)
      yield* old.cut
      yield* claim.open
      const message = yield* fresh.hear
      assert.isTrue(message._tag === "Assign" && message.attempts[0]?.execution === id)
      assert.strictEqual(database.lost, 0)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("goes on after the database was away, without a hint", () =>
    Effect.gen(function*() {
      const database = yield* Database
      const runner = yield* connect(1)
      yield* runner.say({ _tag: "Ask", free: 1 })
      yield* soon
      database.away = true
      const id = yield* queued()
      assert.isTrue(yield* runner.silent(200))
      database.away = false
      const message = yield* runner.hear
      assert.isTrue(message._tag === "Assign" && message.attempts[0]?.execution === id)
    }).pipe(Effect.scoped, Effect.provide(server)), 10_000)

  it.live("does not look again for each who asks into a queue it knows to be empty, and looks when something came", () =>
    Effect.gen(function*() {
      const database = yield* Database
      const runner = yield* connect(8)
      yield* runner.say({ _tag: "Ask", free: 1 })
      yield* soon
      const before = database.looks
      const times = 50
      for (let time = 0; time < times; time++) {
        yield* runner.say({ _tag: "Ask", free: 0 })
        yield* runner.say({ _tag: "Ask", free: 1 })
        yield* Effect.sleep("5 millis")
      }
      // It does look every few seconds.
      assert.isBelow(database.looks - before, times / 5)
      const id = yield* queued()
      const message = yield* runner.hear
      assert.isTrue(message._tag === "Assign" && message.attempts[0]?.execution === id)
    }).pipe(Effect.scoped, Effect.provide(server)), 20_000)

  it.live("gives nothing to one that drains, whatever it asks", () =>
    Effect.gen(function*() {
      const draining = yield* connect(2)
      yield* draining.say({ _tag: "Draining" })
      yield* draining.say({ _tag: "Ask", free: 2 })
      yield* soon
      const id = yield* queued()
      assert.isTrue(yield* draining.silent(300))
      const [given] = yield* asked(yield* connect(1), 1)
      assert.strictEqual(given?.execution, id)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("gives everyone no more than asked, and everything queued", () =>
    Effect.gen(function*() {
      const ids = yield* Effect.forEach(Array.from({ length: 5 }), () => queued())
      const [a, b] = [yield* connect(2), yield* connect(3)]
      const given = [...(yield* asked(a, 2)), ...(yield* asked(b, 3))]
      assert.deepStrictEqual(given.map(({ execution }) => execution).sort(), [...ids].sort())
      assert.isTrue((yield* a.silent(100)) && (yield* b.silent(100)))
    }).pipe(Effect.scoped, Effect.provide(server)))
})
