/** What a server says to its runners, over a real port. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { runnerPath } from "rgrid/api/RunnerProtocol"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { AttemptTokens } from "../../src/AttemptToken.ts"
import { RunnerSessions } from "../../src/runners/RunnerSessions.ts"
import { asked, connect, dial, hello, someone } from "./client.ts"
import { Database, Grid, queued, server } from "./fixtures.ts"

const workers = RunnerSessions.use(({ workers }) => workers)
const soon = Effect.sleep("150 millis")

const status = Effect.fnUntraced(function*(authorization: string | null) {
  const { url } = yield* Grid
  const headers = authorization === null ? {} : { authorization }
  return yield* Effect.promise(async (signal) =>
    (await fetch(url.replace("ws", "http") + runnerPath, { headers, signal })).status
  )
})

describe("a runner's connection", () => {
  it.live("is welcomed with the periods it must keep", () =>
    Effect.gen(function*() {
      const who = someone()
      const runner = yield* dial(who)
      yield* runner.say(hello(who, 4))
      assert.deepStrictEqual(yield* runner.hear, { _tag: "Welcome", leaseSeconds: 60, renewSeconds: 15 })
      yield* runner.say({ _tag: "Ask", free: 3 })
      yield* soon
      const [worker] = yield* workers
      assert.strictEqual(worker?.id, who.runner)
      assert.deepStrictEqual([worker?.slots, worker?.busy, worker?.name], [4, 1, "machine"])
      yield* runner.leave
      yield* soon
      assert.deepStrictEqual(yield* workers, [])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("is refused without a key that may run", () =>
    Effect.gen(function*() {
      const { keyOf } = yield* Grid
      assert.strictEqual(yield* status(null), 401)
      assert.strictEqual(yield* status("Bearer rgrid_live_nonsense"), 401)
      assert.strictEqual(yield* status(`Basic ${yield* keyOf("runner")}`), 401)
      assert.strictEqual(yield* status(`Bearer ${yield* keyOf("user")}`), 403)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("gets work that came after it asked, with a token for it, and no more than it asked for", () =>
    Effect.gen(function*() {
      const tokens = yield* AttemptTokens
      const runner = yield* connect(4)
      yield* runner.say({ _tag: "Ask", free: 1 })
      yield* soon
      const before = Date.now()
      const id = yield* queued()
      const message = yield* runner.hear
      assert.isBelow(Date.now() - before, 1000)
      const [assignment, ...more] = message._tag === "Assign" ? message.attempts : []
      assert.deepStrictEqual([assignment?.execution, assignment?.fence, more.length], [id, 1, 0])
      const attempt = Option.getOrThrow(tokens.verify(assignment!.token))
      assert.deepStrictEqual(attempt, { execution: id, fence: 1 })
      yield* queued()
      assert.isTrue(yield* runner.silent(300))
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("gets each renewal answered under its number, and none while the database is away", () =>
    Effect.gen(function*() {
      const database = yield* Database
      const runner = yield* connect(2)
      const id = yield* queued()
      yield* asked(runner, 1)
      const gone = { execution: id, fence: 7 }
      database.away = true
      yield* runner.say({ _tag: "Renew", id: 1, attempts: [] })
      assert.isTrue(yield* runner.silent(200))
      database.away = false
      yield* runner.say({ _tag: "Renew", id: 2, attempts: [{ execution: id, fence: 1 }, gone] })
      assert.deepStrictEqual(yield* runner.hear, {
        _tag: "Renewed",
        id: 2,
        attempts: [
          { execution: id, fence: 1, held: true, cancelRequested: false },
          { ...gone, held: false, cancelRequested: false }
        ]
      })
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("is told of a cancel at once", () =>
    Effect.gen(function*() {
      const { account } = yield* Grid
      const [runner, other] = [yield* connect(1), yield* connect(1)]
      const id = yield* queued()
      yield* asked(runner, 1)
      yield* ExecutionStore.use((store) => store.cancel(account, id))
      assert.deepStrictEqual(yield* runner.hear, { _tag: "Cancel", execution: id })
      assert.isTrue(yield* other.silent(100))
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("is replaced by a newer one of the same runner, and what it runs goes on", () =>
    Effect.gen(function*() {
      const who = someone()
      const first = yield* connect(1, who)
      const id = yield* queued()
      yield* asked(first, 1)
      const second = yield* connect(1, who)
      yield* first.cut
      assert.strictEqual((yield* workers).length, 1)
      yield* second.say({ _tag: "Renew", id: 9, attempts: [{ execution: id, fence: 1 }] })
      const renewed = yield* second.hear
      assert.isTrue(renewed._tag === "Renewed" && renewed.attempts[0]?.held)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("gives back what the runner held before it started anew", () =>
    Effect.gen(function*() {
      const who = someone()
      const first = yield* connect(1, who)
      const id = yield* queued()
      yield* asked(first, 1)
      const second = yield* connect(1, { ...who, incarnation: someone().incarnation })
      const [again] = yield* asked(second, 1)
      assert.deepStrictEqual([again?.execution, again?.fence], [id, 2])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("waits to be welcomed while the database is away", () =>
    Effect.gen(function*() {
      const database = yield* Database
      database.away = true
      const connecting = yield* Effect.forkChild(connect(1))
      yield* soon
      assert.deepStrictEqual(yield* workers, [])
      database.away = false
      yield* Fiber.join(connecting)
      assert.strictEqual((yield* workers).length, 1)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("passes over a word it does not know, and ends at nonsense", () =>
    Effect.gen(function*() {
      const runner = yield* connect(1)
      yield* runner.sayText(JSON.stringify({ _tag: "Boast", slots: 9 }))
      yield* runner.say({ _tag: "Renew", id: 1, attempts: [] })
      assert.strictEqual((yield* runner.hear)._tag, "Renewed")
      yield* runner.sayText(JSON.stringify({ _tag: "Ask", free: "many" }))
      yield* runner.cut
      const other = yield* connect(1)
      yield* other.sayText("{")
      yield* other.cut
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("ends when it does not say who it is, first of all and within ten seconds", () =>
    Effect.gen(function*() {
      const hasty = yield* dial(someone())
      yield* hasty.say({ _tag: "Ask", free: 1 })
      yield* hasty.cut
      const before = Date.now()
      yield* (yield* dial(someone())).cut
      assert.isAtLeast(Date.now() - before, 9_500)
    }).pipe(Effect.scoped, Effect.provide(server)), 20_000)
})
