/** Requests that whoever holds them may make. */
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ObjectStore } from "../../ports/ObjectStore.ts"
import { absent, fresh, type It } from "./fixtures.ts"

export const signing = (it: It): void => {
  it.effect("signs a request for each key, part, method and end", () =>
    Effect.gen(function*() {
      const store = yield* ObjectStore
      const [one, two] = [fresh(10), fresh(20)]
      const [short, long] = [Duration.minutes(1), Duration.minutes(10)]
      const requests = yield* Effect.all([
        store.presignPut(one.key, one.part, short),
        store.presignPut(one.key, one.part, long),
        store.presignPut(one.key, { ...one.part, sha256: two.part.sha256 }, short),
        store.presignPut(one.key, { ...one.part, size: two.part.size }, short),
        store.presignPut(two.key, one.part, short),
        store.presignGet(one.key, short),
        store.presignGet(one.key, long),
        store.presignGet(two.key, short)
      ])
      assert.strictEqual(new Set(requests.map(({ url }) => url)).size, requests.length)
      // A path is resolved against the server the holder talks to, so it begins there.
      for (const { url } of requests) assert.isTrue(url.startsWith("/") || URL.canParse(url), url)
      // To sign is not to store.
      yield* absent(one.key)
    }))
}
