/** What is not what was announced, or does not come to its end, is not stored. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ObjectStore } from "../../ports/ObjectStore.ts"
import { absent, fresh, type It, partOf, read, same, some, stored, stream, tagOf } from "./fixtures.ts"

/** What a source may fail with: the store hands it on. */
class Hung extends Schema.TaggedError<Hung>()("Hung", {}) {}

export const refusing = (it: It): void => {
  const wrong: ReadonlyArray<readonly [what: string, change: (bytes: Uint8Array) => Uint8Array]> = [
    ["fewer bytes", (bytes) => bytes.subarray(0, -1)],
    ["no bytes", () => new Uint8Array(0)],
    ["more bytes", (bytes) => Buffer.concat([bytes, bytes.subarray(0, 1)])],
    ["as many other bytes", (bytes) => bytes.map((byte, at) => (at === 500 ? byte ^ 1 : byte))]
  ]
  for (const [what, change] of wrong) {
    it.effect(`stores nothing when ${what} come than were announced`, () =>
      Effect.gen(function*() {
        const store = yield* ObjectStore
        const { bytes, key, part } = fresh(1000)
        const error = yield* Effect.flip(store.put(key, part, stream(change(bytes))))
        assert.deepStrictEqual([error._tag, "key" in error && error.key], ["ContentMismatch", key])
        yield* absent(key)
        // The failure left nothing in the way of who comes with the right bytes.
        yield* store.put(key, part, stream(bytes))
        same(yield* read(key), bytes, "other bytes")
      }))
  }

  it.effect("stops listening to who sends without end", () =>
    Effect.gen(function*() {
      const store = yield* ObjectStore
      const { key, part } = fresh(1000)
      const endless = Stream.forever(Stream.succeed(new Uint8Array(300)))
      assert.strictEqual(yield* tagOf(store.put(key, part, endless)), "ContentMismatch")
      yield* absent(key)
    }))

  it.effect("hands on why the bytes stopped coming, and stores nothing", () =>
    Effect.gen(function*() {
      const store = yield* ObjectStore
      const { bytes, key, part } = fresh(1000)
      const halves = Stream.concat(stream(bytes.subarray(0, 500)), Stream.fail(new Hung({})))
      assert.strictEqual(yield* tagOf(store.put(key, part, halves)), "Hung")
      const all = Stream.concat(stream(bytes), Stream.fail(new Hung({})))
      assert.strictEqual(yield* tagOf(store.put(key, part, all)), "Hung")
      yield* absent(key)
    }))

  it.effect("shows nothing of an object that is still coming or that was given up", () =>
    Effect.gen(function*() {
      const store = yield* ObjectStore
      const { bytes, key, part } = fresh(1000)
      // Looks from inside the source: the store has taken all bytes but the last by then.
      const looking = Stream.concat(
        stream(bytes.subarray(0, 999)),
        Stream.fromEffect(Effect.as(absent(key), bytes.subarray(999)).pipe(Effect.provideService(ObjectStore, store)))
      )
      yield* store.put(key, part, looking)
      same(yield* read(key), bytes, "other bytes")

      const given = fresh(1000)
      const waiting = Stream.concat(stream(given.bytes.subarray(0, 999)), Stream.never)
      const gave = yield* Effect.timeoutOption(store.put(given.key, given.part, waiting), "100 millis")
      assert.isTrue(gave._tag === "None")
      yield* absent(given.key)
    }))

  it.effect("keeps what a key was first written with", () =>
    Effect.gen(function*() {
      const { bytes, key, store } = yield* stored(1000)
      const other = some(1000)
      // Told or not, whoever comes with something else changes nothing.
      yield* Effect.exit(store.put(key, partOf(other), stream(other)))
      same(yield* read(key), bytes, "other bytes")
    }))
}
