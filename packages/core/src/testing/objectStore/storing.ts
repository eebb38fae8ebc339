/** What is stored is given back as it came, whoever else stores. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { accountId, executionId } from "../../domain/Id.ts"
import { inputKey, logKey, ObjectStore, outputKey } from "../../ports/ObjectStore.ts"
import { fresh, type It, large, partOf, read, same, some, stored, stream } from "./fixtures.ts"

export const storing = (it: It): void => {
  for (const size of [0, 1, 1000, large]) {
    it.effect(`gives back ${size} bytes as they came`, () =>
      Effect.gen(function*() {
        const { bytes, key, store } = yield* stored(size)
        assert.strictEqual(yield* store.size(key), size)
        same(yield* read(key), bytes, "other bytes")
      }))
  }

  it.effect("keeps the grid's keys apart", () =>
    Effect.gen(function*() {
      const store = yield* ObjectStore
      const attempt = { execution: executionId(Date.now()), fence: 1 }
      const other = { ...attempt, fence: 2 }
      const { sha256 } = partOf(some(1))
      const keys = [
        inputKey(accountId(Date.now()), sha256),
        inputKey(accountId(Date.now()), sha256),
        outputKey(attempt, sha256),
        outputKey(other, sha256),
        ...[0, 1, 10, 100].flatMap((index) => [logKey(attempt, index), logKey(other, index)])
      ]
      const objects = keys.map((key) => ({ key, bytes: some(20) }))
      for (const { bytes, key } of objects) yield* store.put(key, partOf(bytes), stream(bytes))
      for (const { bytes, key } of objects) same(yield* read(key), bytes, key)
    }))

  it.effect("stores the same again and changes nothing", () =>
    Effect.gen(function*() {
      const { bytes, key, part, store } = yield* stored(1000)
      yield* store.put(key, part, stream(bytes))
      same(yield* read(key), bytes, "other bytes")
      assert.strictEqual(yield* store.size(key), 1000)
    }))

  it.effect("is not changed by what becomes of the bytes it was given or gave", () =>
    Effect.gen(function*() {
      const { bytes, key } = yield* stored(1000)
      const kept = bytes.slice()
      bytes.fill(0)
      yield* ObjectStore.use((store) => Stream.runForEach(store.get(key), (chunk) => Effect.sync(() => chunk.fill(1))))
      same(yield* read(key), kept, "other bytes")
    }))

  it.effect("takes the same object from many at once", () =>
    Effect.gen(function*() {
      const store = yield* ObjectStore
      const { bytes, key, part } = fresh(large)
      const puts = Array.from({ length: 8 }, () => store.put(key, part, stream(bytes)))
      yield* Effect.all(puts, { concurrency: "unbounded" })
      same(yield* read(key), bytes, "other bytes")
    }))

  it.effect("takes many objects at once", () =>
    Effect.gen(function*() {
      const objects = yield* Effect.all(Array.from({ length: 20 }, () => stored(5000)), { concurrency: "unbounded" })
      for (const { bytes, key } of objects) same(yield* read(key), bytes, key)
    }))

  it.effect("answers", () => ObjectStore.use((store) => store.ping))
}
