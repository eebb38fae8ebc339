/** Signed URLs as a browser or another client uses them: ranges, refusals, and what a stored input is remembered as. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash, randomBytes } from "node:crypto"
import { accountId } from "rgrid/domain/Id"
import { Sha256 } from "rgrid/domain/JobSpec"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { inputKey, ObjectStore } from "rgrid/ports/ObjectStore"
import { ask, read, server } from "../api/harness.ts"

const term = Duration.minutes(1)
const account = accountId(1)

const anObject = (size: number) => {
  const bytes = new Uint8Array(randomBytes(size))
  const part = { sha256: Sha256.make(createHash("sha256").update(bytes).digest("hex")), size }
  return { bytes, part, key: inputKey(account, part.sha256) }
}

const stored = Effect.fnUntraced(function*(size: number) {
  const object = anObject(size)
  yield* ObjectStore.use((objects) => objects.put(object.key, object.part, Stream.succeed(object.bytes)))
  const { url } = yield* ObjectStore.use((objects) => objects.presignGet(object.key, term))
  return { ...object, url }
})

const offered = Effect.fnUntraced(function*(size: number) {
  const object = anObject(size)
  const { url } = yield* ObjectStore.use((objects) => objects.presignPut(object.key, object.part, term))
  return { ...object, url }
})

const get = (url: string, range?: string) =>
  ask("GET", url, { token: "", headers: range === undefined ? {} : { range } })

const put = (url: string, bytes: Uint8Array) => ask("PUT", url, { token: "", bytes })

/** One sentence, as the body of every refusal has it. */
const says = (answered: Parameters<typeof read>[1]) =>
  Effect.map(read(Schema.Struct({ detail: Schema.String }), answered), ({ detail }) => assert.match(detail, /^[A-Z].*\.$/))

const size = 700_000

describe("objects by signed URL", () => {
  it.live("are downloaded whole, to be kept and never to be shown", () =>
    Effect.gen(function*() {
      const { bytes, url } = yield* stored(size)
      const answered = yield* get(url)
      assert.strictEqual(answered.status, 200)
      assert.isTrue(Buffer.compare(answered.bytes, bytes) === 0)
      const expected = {
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": "attachment",
        "content-length": String(size),
        "x-content-type-options": "nosniff"
      }
      for (const [name, value] of Object.entries(expected)) assert.strictEqual(answered.headers.get(name), value)
    }).pipe(Effect.provide(server)))

  it.live("are downloaded in ranges", () =>
    Effect.gen(function*() {
      const { bytes, url } = yield* stored(size)
      const ranges: ReadonlyArray<readonly [range: string, first: number, last: number]> = [
        ["bytes=0-0", 0, 0],
        ["bytes=1-300000", 1, 300_000],
        ["bytes=300000-", 300_000, size - 1],
        ["bytes=-10", size - 10, size - 1],
        [`bytes=-${size + 10}`, 0, size - 1],
        [`bytes=5-${size + 10}`, 5, size - 1]
      ]
      for (const [range, first, last] of ranges) {
        const answered = yield* get(url, range)
        assert.strictEqual(answered.status, 206, range)
        assert.strictEqual(answered.headers.get("content-range"), `bytes ${first}-${last}/${size}`)
        assert.strictEqual(answered.headers.get("content-length"), String(last - first + 1))
        assert.isTrue(Buffer.compare(answered.bytes, bytes.subarray(first, last + 1)) === 0, range)
      }
    }).pipe(Effect.provide(server)))

  it.live("are downloaded whole for who asks for no range, or for one that is none", () =>
    Effect.gen(function*() {
      const { url } = yield* stored(100)
      for (const range of ["bytes=-", "bytes=7-3", "lines=1-2", "bytes=0-1,5-6", "bytes=x-1"]) {
        const answered = yield* get(url, range)
        assert.deepStrictEqual([answered.status, answered.bytes.length], [200, 100], range)
      }
    }).pipe(Effect.provide(server)))

  it.live("have nothing behind their end, and say how long they are", () =>
    Effect.gen(function*() {
      for (const length of [0, 100]) {
        const { url } = yield* stored(length)
        for (const range of [`bytes=${length}-`, "bytes=5000-6000", "bytes=-0"]) {
          const answered = yield* get(url, range)
          assert.strictEqual(answered.status, 416, range)
          assert.strictEqual(answered.headers.get("content-range"), `bytes */${length}`)
          yield* says(answered)
        }
      }
    }).pipe(Effect.provide(server)))

  it.live("are missing until they are stored, and are an input of their account from then on", () =>
    Effect.gen(function*() {
      const { bytes, key, part, url } = yield* offered(1000)
      const reading = yield* ObjectStore.use((objects) => objects.presignGet(key, term))
      const before = yield* get(reading.url)
      assert.strictEqual(before.status, 404)
      yield* says(before)
      const isInput = ExecutionStore.use((store) => store.storedParts(account, [part.sha256])).pipe(
        Effect.map((parts) => parts.has(part.sha256))
      )
      assert.isFalse(yield* isInput)
      assert.strictEqual((yield* put(url, bytes)).status, 204)
      assert.isTrue(yield* isInput)
      assert.strictEqual((yield* get(reading.url)).status, 200)
    }).pipe(Effect.provide(server)))

  it.live("are not stored when other bytes come", () =>
    Effect.gen(function*() {
      const { bytes, key, url } = yield* offered(1000)
      const other = yield* put(url, bytes.map((byte) => byte ^ 1))
      assert.strictEqual(other.status, 422)
      const longer = yield* put(url, new Uint8Array(1001))
      assert.strictEqual(longer.status, 400)
      for (const answered of [other, longer]) yield* says(answered)
      const size = yield* Effect.flip(ObjectStore.use((objects) => objects.size(key)))
      assert.strictEqual(size._tag, "ObjectMissing")
    }).pipe(Effect.provide(server)))

  it.live("are not stored from a file that nobody handed over, or of a name that is none", () =>
    Effect.gen(function*() {
      const { key, url } = yield* offered(1000)
      const handed = (name: string) => ask("PUT", url, { token: "", headers: { "x-rgrid-handed": name } })
      const answers = [yield* handed("0".repeat(32)), yield* handed("../secrets.json"), yield* handed("")]
      assert.deepStrictEqual(answers.map(({ status }) => status), [503, 403, 403])
      for (const answered of answers) yield* says(answered)
      const size = yield* Effect.flip(ObjectStore.use((objects) => objects.size(key)))
      assert.strictEqual(size._tag, "ObjectMissing")
    }).pipe(Effect.provide(server)))

  it.live("are refused to a link that was changed, is of another method or is none", () =>
    Effect.gen(function*() {
      const { bytes, key, url } = yield* offered(1000)
      const reading = (yield* stored(10)).url
      const answers = [
        yield* put(url.replace("size=1000", "size=1001"), bytes),
        yield* put(reading, bytes),
        yield* get(url),
        yield* get(`/objects/${key}`),
        yield* get(reading.replace("/objects/", "/objects/..%2F"))
      ]
      for (const answered of answers) {
        assert.strictEqual(answered.status, 403)
        yield* says(answered)
      }
    }).pipe(Effect.provide(server)))
})
