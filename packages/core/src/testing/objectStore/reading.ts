/** All of an object, or a range of it. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { absent, fresh, type It, large, read, same, stored, tagOf } from "./fixtures.ts"

export const reading = (it: It): void => {
  it.effect("reads from anywhere, as much as is asked for", () =>
    Effect.gen(function*() {
      const { bytes, key } = yield* stored(large)
      const inside = [[0, 1], [0, large], [1, 1], [999, 300_000], [large - 1, 1]] as const
      const overTheEnd = [[0, 2 * large], [large - 5, 100]] as const
      for (const [offset, limit] of [...inside, ...overTheEnd]) {
        same(yield* read(key, { offset, limit }), bytes.subarray(offset, offset + limit), `${offset}, ${limit}`)
      }
    }))

  it.effect("reads nothing behind the end, and nothing of no bytes", () =>
    Effect.gen(function*() {
      const { key } = yield* stored(1000)
      const empty = yield* stored(0)
      for (const range of [{ offset: 1000, limit: 10 }, { offset: 5000, limit: 10 }, { offset: 10, limit: 0 }]) {
        assert.strictEqual((yield* read(key, range)).length, 0)
        assert.strictEqual((yield* read(empty.key, range)).length, 0)
      }
    }))

  it.effect("reads the same for many at once, and again", () =>
    Effect.gen(function*() {
      const { bytes, key } = yield* stored(large)
      const all = yield* Effect.all(Array.from({ length: 8 }, () => read(key)), { concurrency: "unbounded" })
      for (const one of all) same(one, bytes, "other bytes")
    }))

  it.effect("says that an object is missing, also to who wants a range of it", () =>
    Effect.gen(function*() {
      const { key } = fresh(10)
      yield* absent(key)
      assert.strictEqual(yield* tagOf(read(key, { offset: 3, limit: 4 })), "ObjectMissing")
    }))
}
