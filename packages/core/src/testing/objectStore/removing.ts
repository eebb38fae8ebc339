/** What is removed is gone, and may come again. */
import * as Effect from "effect/Effect"
import { absent, fresh, type It, read, same, stored, stream } from "./fixtures.ts"

export const removing = (it: It): void => {
  it.effect("removes, once or often, only what it is told to", () =>
    Effect.gen(function*() {
      const { bytes, key, part, store } = yield* stored(1000)
      const other = yield* stored(1000)
      yield* store.remove(key)
      yield* absent(key)
      yield* store.remove(key)
      yield* store.remove(fresh(10).key)
      same(yield* read(other.key), other.bytes, "other bytes")
      yield* store.put(key, part, stream(bytes))
      same(yield* read(key), bytes, "other bytes")
    }))
}
