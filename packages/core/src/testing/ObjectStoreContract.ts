/** What every store of objects must do, as tests. Each test has keys of its own. */
import { assert, describe, layer, type Vitest } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash, randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { accountId, executionId } from "../domain/Id.ts"
import { Sha256 } from "../domain/JobSpec.ts"
import type { Part } from "../ports/ExecutionStore.ts"
import { inputKey, logKey, ObjectStore, outputKey } from "../ports/ObjectStore.ts"

export interface Options<E> {
  readonly layer: Layer.Layer<ObjectStore, E>
}

type It = Vitest.MethodsNonLive<ObjectStore>

/** What a source may fail with: the store hands it on. */
class Hung extends Schema.TaggedError<Hung>()("Hung", {}) {}

const partOf = (bytes: Uint8Array): Part => ({
  sha256: Sha256.make(createHash("sha256").update(bytes).digest("hex")),
  size: bytes.length
})

const some = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

/** In chunks of odd sizes, an empty one among them. */
const stream = (bytes: Uint8Array): Stream.Stream<Uint8Array> => {
  const cut = Math.floor(bytes.length / 3) + 1
  return Stream.make(bytes.subarray(0, 1), bytes.subarray(1, 1), bytes.subarray(1, cut), bytes.subarray(cut))
}

const freshKey = (part: Part): string => inputKey(accountId(Date.now()), part.sha256)

const fresh = (size: number) => {
  const bytes = some(size)
  // So that a store which makes room first and forgets to count is found out: it ends with a zero anyway.
  if (size > 1) bytes[size - 1] = 0
  const part = partOf(bytes)
  return { bytes, part, key: freshKey(part) }
}

/** More than one read takes. */
const large = 1024 * 1024 + 7

const stored = Effect.fnUntraced(function*(size: number) {
  const store = yield* ObjectStore
  const object = fresh(size)
  yield* store.put(object.key, object.part, stream(object.bytes))
  return { store, ...object }
})

const read = (key: string, range?: { readonly offset: number; readonly limit: number }) =>
  ObjectStore.use((store) => Effect.map(Stream.runCollect(store.get(key, range)), (chunks) => Buffer.concat(chunks)))

/** Not `deepStrictEqual`: it takes seconds to tell where a megabyte differs. */
const same = (actual: Uint8Array, expected: Uint8Array, what: string): void =>
  assert.isTrue(Buffer.compare(actual, expected) === 0, what)

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

const absent = Effect.fnUntraced(function*(key: string) {
  const store = yield* ObjectStore
  assert.strictEqual(yield* tagOf(store.size(key)), "ObjectMissing")
  const error = yield* Effect.flip(read(key))
  assert.deepStrictEqual([error._tag, "key" in error && error.key], ["ObjectMissing", key])
})

const storing = (it: It): void => {
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

const refusing = (it: It): void => {
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

const adopting = (it: It): void => {
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
          yield* Effect.flip(store.adopt(key, 1000, `${file}-not`))
        }))
      yield* absent(key)
    }))
}

const reading = (it: It): void => {
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

const removing = (it: It): void => {
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

const signing = (it: It): void => {
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

export const suite = <E>(name: string, options: Options<E>): void => {
  describe(`ObjectStore: ${name}`, () => {
    // On the real clock: a store that waits for a disk is to be given up some time.
    layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      storing(it)
      refusing(it)
      adopting(it)
      reading(it)
      removing(it)
      signing(it)
    })
  })
}
