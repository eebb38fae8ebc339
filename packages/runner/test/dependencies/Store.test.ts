import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as Store from "../../src/dependencies/Store.ts"
import { temporaryDirectory } from "../fixtures/directory.ts"

const bytes = 64 * 1024

/** A layer with so much in it; kept, as one that was used at `seconds` since 1970. */
const keep = (store: Store.Store, id: string, seconds: number) =>
  Effect.scoped(Effect.gen(function*() {
    const directory = yield* store.begin(id)
    yield* Effect.promise(() => writeFile(join(Store.treeIn(directory), "package"), Buffer.alloc(bytes, 1)))
    yield* store.keep(id, directory)
    yield* Effect.promise(() => utimes(join(directory, "layer.json"), seconds, seconds))
    return directory
  }))

const names = (directory: string) => Effect.promise(() => readdir(directory))

it.effect("has what was kept, also after a restart, and nothing of what was begun only", () =>
  Effect.gen(function*() {
    const root = yield* temporaryDirectory
    const store = yield* Store.make(root, undefined)
    const kept = yield* keep(store, "acct_a/one", 1000)
    yield* Effect.scoped(store.begin("acct_a/two"))
    assert.deepStrictEqual([store.has("acct_a/one"), store.has("acct_a/two"), store.has("acct_b/one")], [true, false, false])
    // As a killed runner leaves it.
    yield* Effect.promise(() => mkdir(join(root, "acct_a/three.0a0b0c0d/tree"), { recursive: true }))
    yield* Effect.promise(() => mkdir(join(root, "acct_a/four.0a0b0c0d")))
    yield* Effect.promise(() => writeFile(join(root, "acct_a/four.0a0b0c0d/layer.json.new"), "{\"bytes\":1}"))
    const again = yield* Store.make(root, undefined)
    assert.strictEqual(yield* Effect.scoped(again.use("acct_a/one")), kept)
    assert.isNull(yield* Effect.scoped(again.use("acct_a/three")))
    assert.lengthOf(yield* names(join(root, "acct_a")), 1)
  }).pipe(Effect.scoped))

it.effect("never gives a directory's name twice", () =>
  Effect.gen(function*() {
    const store = yield* Store.make(yield* temporaryDirectory, undefined)
    const first = yield* Effect.scoped(store.begin("acct_a/one"))
    assert.notStrictEqual(yield* Effect.scoped(store.begin("acct_a/one")), first)
  }).pipe(Effect.scoped))

it.effect("lets go of the least recently used when all take too much, never of one in use", () =>
  Effect.gen(function*() {
    const root = yield* temporaryDirectory
    const before = yield* Store.make(root, undefined)
    yield* Effect.forEach(["old", "older", "oldest", "new"], (name, index) =>
      keep(before, `acct_a/${name}`, [3000, 2000, 1000, 4000][index]!))
    // Three fit; with what directories take themselves, not quite four.
    const store = yield* Store.make(root, 3.7 * bytes)
    yield* Effect.scoped(Effect.gen(function*() {
      yield* store.use("acct_a/oldest")
      yield* Effect.scoped(store.use("acct_a/new"))
      const left = ["oldest", "older", "old", "new"].map((name) => store.has(`acct_a/${name}`))
      assert.deepStrictEqual(left, [true, false, true, true])
    }))
    assert.lengthOf(yield* names(join(root, "acct_a")), 3)
  }).pipe(Effect.scoped))
