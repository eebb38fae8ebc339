/** A reader of a log: who may be one, what it costs, and that it is told the end last of all. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import { streamPath } from "rgrid/api/LogStreamProtocol"
import { accountId, executionId } from "rgrid/domain/Id"
import { jobSpec } from "rgrid/domain/JobSpec"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { LogStore } from "rgrid/ports/LogStore"
import { Database, Grid, queued } from "../runners/fixtures.ts"
import { begun, Logs, read, server, settled, until } from "./fixtures.ts"

const mebibyte = 1024 * 1024

const status = Effect.fnUntraced(function*(id: string, key: string) {
  const { url } = yield* Grid
  const headers = { authorization: `Bearer ${key}` }
  return yield* Effect.promise(async (signal) =>
    (await fetch(url.replace("ws", "http") + streamPath(id), { headers, signal })).status
  )
})

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index * 7 % 251)

const foreign = Effect.gen(function*() {
  const id = executionId(1)
  const spec = jobSpec({ runtime: "sh", script: "a.sh", interpreter: ["sh"], cwd: "/w" })
  yield* ExecutionStore.use((store) => store.accept({ id, account: accountId(1), spec }))
  return id
})

describe("the log stream", () => {
  it.live("refuses before it upgrades", () =>
    Effect.gen(function*() {
      const { keyOf } = yield* Grid
      const database = yield* Database
      const id = yield* queued()
      const key = yield* keyOf("user")
      assert.strictEqual(yield* status(id, "nonsense"), 401)
      assert.strictEqual(yield* status(id, yield* keyOf("runner")), 403)
      assert.strictEqual(yield* status("exec_nonsense", key), 404)
      assert.strictEqual(yield* status(executionId(2), key), 404)
      assert.strictEqual(yield* status(yield* foreign, key), 404)
      database.away = true
      assert.strictEqual(yield* status(id, key), 503)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("waits for the first attempt, tells which it is, and ends after the last byte", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const id = yield* queued()
      const reader = yield* read(id, 0, 0)
      yield* reader.grant(mebibyte)
      const attempt = yield* begun
      yield* until(() => reader.tags.length > 0)
      yield* logs.append(attempt, 0, bytesOf(1000))
      yield* logs.append(attempt, 1000, bytesOf(500))
      yield* settled(attempt, 1500)
      yield* until(() => reader.closed)
      assert.deepStrictEqual(reader.tags, ["Attempt 1", "End"])
      assert.deepStrictEqual(Buffer.concat(reader.parts), Buffer.concat([bytesOf(1000), bytesOf(500)]))
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("tells the end to a reader that granted exactly what there was", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const id = yield* queued()
      const attempt = yield* begun
      yield* logs.append(attempt, 0, bytesOf(1000))
      yield* settled(attempt, 1000)
      const reader = yield* read(id, 1, 200)
      yield* reader.grant(799)
      yield* until(() => reader.length === 799)
      yield* Effect.sleep("100 millis")
      assert.deepStrictEqual(reader.tags, [])
      yield* reader.grant(1)
      yield* until(() => reader.closed)
      assert.deepStrictEqual([reader.length, reader.tags], [800, ["End"]])
      const late = yield* read(id, 1, 1000)
      yield* until(() => late.closed)
      assert.deepStrictEqual([late.length, late.tags], [0, ["End"]])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("has no more outstanding than the window, however much is granted at once, in messages of 256 KiB", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const id = yield* queued()
      yield* logs.append(yield* begun, 0, bytesOf(3 * mebibyte))
      const reader = yield* read(id, 1, 0)
      yield* reader.grant(1000 * mebibyte)
      yield* until(() => reader.length >= mebibyte)
      yield* Effect.sleep("300 millis")
      assert.strictEqual(reader.length, mebibyte)
      assert.isAtMost(Math.max(...reader.parts.map(({ length }) => length)), 256 * 1024)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("keeps its readers while the database is away", () =>
    Effect.gen(function*() {
      const database = yield* Database
      const logs = yield* LogStore
      const id = yield* queued()
      const attempt = yield* begun
      const reader = yield* read(id, 0, 0)
      yield* reader.grant(mebibyte)
      yield* logs.append(attempt, 0, bytesOf(10))
      yield* until(() => reader.length === 10)
      database.away = true
      yield* logs.append(attempt, 10, bytesOf(20))
      yield* settled(attempt, 30)
      yield* Effect.sleep("2500 millis")
      assert.isFalse(reader.closed)
      database.away = false
      yield* until(() => reader.closed)
      assert.deepStrictEqual([reader.length, reader.tags], [30, ["Attempt 1", "End"]])
    }).pipe(Effect.scoped, Effect.provide(server)), 10_000)

  it.live("sends the rest of a lost attempt before the next begins", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const id = yield* queued()
      const first = yield* begun
      yield* logs.append(first, 0, bytesOf(100))
      yield* ExecutionStore.use((store) => store.lose(first, "disk full"))
      const second = yield* begun
      yield* logs.append(second, 0, bytesOf(7))
      yield* settled(second, 7)
      const reader = yield* read(id, 1, 40)
      yield* reader.grant(mebibyte)
      yield* until(() => reader.closed)
      assert.deepStrictEqual(reader.tags, ["Attempt 2", "End"])
      assert.deepStrictEqual(Buffer.concat(reader.parts), Buffer.concat([bytesOf(100).subarray(40), bytesOf(7)]))
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("forgets a reader that went away", () =>
    Effect.gen(function*() {
      const logs = yield* Logs
      const id = yield* queued()
      yield* begun
      const scope = yield* Scope.fork(yield* Effect.scope)
      const reader = yield* Scope.provide(read(id, 1, 0), scope)
      yield* reader.grant(10)
      yield* until(() => logs.waiting === 1)
      yield* Scope.close(scope, Exit.void)
      yield* until(() => logs.waiting === 0)
    }).pipe(Effect.scoped, Effect.provide(server)))
})
