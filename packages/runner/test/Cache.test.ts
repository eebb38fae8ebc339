import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Layer from "effect/Layer"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Cache } from "../src/Cache.ts"
import { StateDirectory } from "../src/StateDirectory.ts"
import { temporaryDirectory } from "./fixtures/directory.ts"
import { sha256 } from "./fixtures/FakeServer.ts"

const part = (text: string) => ({ sha256: sha256(Buffer.from(text)), size: text.length })
const bytes = (text: string) => Stream.succeed(Buffer.from(text))

const open = (root: string, limit?: number) =>
  Layer.build(Cache.layer(limit).pipe(Layer.provide(StateDirectory.layer(root)))).pipe(
    Effect.flatMap((context) => Effect.provide(Cache, context))
  )

const setUp = (limit?: number) =>
  Effect.gen(function*() {
    const root = yield* temporaryDirectory
    return { root, cache: yield* open(root, limit) }
  })

describe("the cache", () => {
  it.live("has what was brought, also for the next runner", () =>
    Effect.gen(function*() {
      const root = yield* temporaryDirectory
      yield* Effect.scoped(Effect.flatMap(open(root), (cache) => cache.bring(part("abc"), bytes("abc"))))
      const cache = yield* open(root)
      assert.deepStrictEqual(cache.missing([part("abc"), part("def")]), [part("def")])
      assert.strictEqual(yield* Effect.promise(() => readFile(cache.path(part("abc").sha256), "utf8")), "abc")
    }))

  it.live("keeps nothing of bytes that are not those asked for", () =>
    Effect.gen(function*() {
      const { cache, root } = yield* setUp()
      for (const wrong of ["abd", "ab", "abcd", ""]) {
        assert.strictEqual((yield* Effect.flip(cache.bring(part("abc"), bytes(wrong))))._tag, "Damaged", wrong)
      }
      const failing = Stream.concat(bytes("ab"), Stream.fail("cut" as const))
      assert.strictEqual(yield* Effect.flip(cache.bring(part("abc"), failing)), "cut")
      assert.deepStrictEqual(cache.missing([part("abc")]), [part("abc")])
      const left = yield* Effect.promise(() => readdir(join(root, "cache"), { recursive: true, withFileTypes: true }))
      assert.deepStrictEqual(left.filter((entry) => entry.isFile()), [])
    }))

  it.live("takes over a file, and keeps what it was whatever becomes of it", () =>
    Effect.gen(function*() {
      const { cache, root } = yield* setUp()
      const file = join(root, "object")
      yield* Effect.promise(() => writeFile(file, "abc"))
      yield* cache.adopt(part("abc"), file)
      assert.deepStrictEqual(cache.missing([part("abc")]), [])
      yield* Effect.promise(() => writeFile(file, "spoilt"))
      assert.strictEqual(yield* Effect.promise(() => readFile(cache.path(part("abc").sha256), "utf8")), "abc")
    }))

  it.live("takes over no file that is not the part", () =>
    Effect.gen(function*() {
      const { cache, root } = yield* setUp()
      const file = join(root, "object")
      for (const wrong of ["abd", "ab", "abcd", ""]) {
        yield* Effect.promise(() => writeFile(file, wrong))
        assert.strictEqual((yield* Effect.flip(cache.adopt(part("abc"), file)))._tag, "Damaged", wrong)
      }
      for (const nothing of [join(root, "none"), root]) {
        assert.strictEqual((yield* Effect.flip(cache.adopt(part("abc"), nothing)))._tag, "FileTrouble", nothing)
      }
      assert.deepStrictEqual(cache.missing([part("abc")]), [part("abc")])
      const left = yield* Effect.promise(() => readdir(join(root, "cache"), { recursive: true, withFileTypes: true }))
      assert.deepStrictEqual(left.filter((entry) => !entry.isDirectory()), [])
    }))

  it.live("brings a part once, however many want it", () =>
    Effect.gen(function*() {
      const { cache } = yield* setUp()
      let fetched = 0
      const slow = Stream.fromEffect(Effect.as(
        Effect.andThen(Effect.sync(() => fetched++), Effect.sleep("10 millis")),
        Buffer.from("abc")
      ))
      const bring = cache.bring(part("abc"), slow)
      yield* Effect.all(Array.from({ length: 10 }, () => bring), { concurrency: "unbounded" })
      assert.strictEqual(fetched, 1)
    }))

  it.live("drops what was not used for longest, but nothing that is pinned", () =>
    Effect.gen(function*() {
      const { cache } = yield* setUp(7)
      yield* Effect.scoped(Effect.gen(function*() {
        yield* cache.pin([part("aaa").sha256])
        for (const text of ["aaa", "bbb", "ccc"]) {
          yield* cache.bring(part(text), bytes(text))
          yield* Effect.sleep("5 millis")
        }
        assert.deepStrictEqual(cache.missing(["aaa", "bbb", "ccc"].map(part)), [part("bbb")])
      }))
      yield* Effect.sleep("20 millis")
      yield* cache.bring(part("ddd"), bytes("ddd"))
      assert.deepStrictEqual(cache.missing(["aaa", "ccc", "ddd"].map(part)), [part("ccc")])
    }))

  it.live("does not take a torn file for a part", () =>
    Effect.gen(function*() {
      const root = yield* temporaryDirectory
      const path = yield* Effect.scoped(Effect.gen(function*() {
        const cache = yield* open(root)
        yield* cache.bring(part("abc"), bytes("abc"))
        return cache.path(part("abc").sha256)
      }))
      yield* Effect.promise(async () => {
        await writeFile(path, "a")
        await writeFile(`${path}.temporary`, "a")
      })
      const cache = yield* open(root)
      assert.deepStrictEqual(cache.missing([part("abc")]), [part("abc")])
      yield* cache.bring(part("abc"), bytes("abc"))
      assert.strictEqual(yield* Effect.promise(() => readFile(path, "utf8")), "abc")
    }))
})
