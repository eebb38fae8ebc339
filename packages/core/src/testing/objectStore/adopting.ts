/** Files of this machine that become objects. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ObjectStore } from "../../ports/ObjectStore.ts"
import { absent, fresh, type It, large, read, same, some, tagOf } from "./fixtures.ts"

/** A file with these bytes, and what is left of it after `use`. */
const withFile = <A, E, R>(bytes: Uint8Array, use: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.promise(async () => {
      const directory = await mkdtemp(join(tmpdir(), "rgrid-adopt-"))
      await writeFile(join(directory, "file"), bytes)
      return directory
    }),
    (directory) => use(join(directory, "file")),
    (directory) => Effect.promise(() => rm(directory, { recursive: true }))
  )

export const adopting = (it: It): void => {
  for (const size of [0, 1000, large]) {
    it.effect(`takes over a file of ${size} bytes, and not what is behind them`, () =>
      Effect.gen(function*() {
        const store = yield* ObjectStore
        const { bytes, key } = fresh(size)
        for (const rest of [0, 5]) {
          yield* store.remove(key)
          yield* withFile(Buffer.concat([bytes, some(rest)]), (file) =>
            Effect.gen(function*() {
              yield* store.adopt(key, size, file)
              assert.isFalse(existsSync(file))
              // An answer that was lost is asked for again.
              yield* store.adopt(key, size, file)
            }))
          assert.strictEqual(yield* store.size(key), size)
          same(yield* read(key), bytes, "other bytes")
        }
      }))
  }

  it.effect("adopts nothing of a file that is too short, nor what is no file", () =>
    Effect.gen(function*() {
      const store = yield* ObjectStore
      const { bytes, key } = fresh(1000)
      yield* withFile(bytes.subarray(1), (file) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* tagOf(store.adopt(key, 1000, file)), "ContentMismatch")
          assert.isTrue(existsSync(file))
          assert.strictEqual(yield* tagOf(store.adopt(key, 1000, `${file}-not`)), "ContentMismatch")
        }))
      yield* absent(key)
    }))
}
