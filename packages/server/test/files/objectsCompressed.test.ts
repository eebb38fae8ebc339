/** Objects that are compressed on their way: stored as what they are, and given so only to who asks. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { createHash, randomBytes } from "node:crypto"
import { readdirSync, readlinkSync } from "node:fs"
import { type IncomingHttpHeaders, request } from "node:http"
import { Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import { constants, createZstdCompress, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { accountId } from "rgrid/domain/Id"
import { Sha256 } from "rgrid/domain/JobSpec"
import { inputKey, ObjectStore } from "rgrid/ports/ObjectStore"
import { Grid, server } from "../api/harness.ts"

const term = Duration.minutes(1)
const mebibyte = 1024 * 1024

/** Of which compressing leaves little, and half. */
const lines = Buffer.from(Array.from({ length: 60_000 }, (_, at) => `${at}: a line of some log\n`).join(""))
const digits = (size: number) => Buffer.from(randomBytes(size / 2).toString("hex"))

const objectOf = (bytes: Uint8Array) => {
  const part = { sha256: Sha256.make(createHash("sha256").update(bytes).digest("hex")), size: bytes.length }
  return { bytes, part, key: inputKey(accountId(1), part.sha256) }
}

const stored = Effect.fnUntraced(function*(bytes: Uint8Array) {
  const object = objectOf(bytes)
  yield* ObjectStore.use((objects) => objects.put(object.key, object.part, Stream.succeed(object.bytes)))
  return { ...object, ...(yield* ObjectStore.use((objects) => objects.presignGet(object.key, term))) }
})

const offered = Effect.fnUntraced(function*(bytes: Uint8Array) {
  const object = objectOf(bytes)
  return { ...object, ...(yield* ObjectStore.use((objects) => objects.presignPut(object.key, object.part, term))) }
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/** As it goes over the wire: a `fetch` would undo codings. Unended: more of the body is still to come. */
const over = Effect.fnUntraced(function*(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: { readonly bytes: Uint8Array; readonly unended?: boolean }
) {
  const { url } = yield* Grid
  return yield* Effect.callback<Answer>((resume) => {
    const asked = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      void buffer(response).then((bytes) => {
        resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, bytes }))
      })
    })
    asked.on("error", (cause) => resume(Effect.die(cause)))
    if (body !== undefined) asked.write(body.bytes)
    if (body?.unended !== true) asked.end()
    return Effect.sync(() => asked.destroy())
  })
})

const put = (url: string, bytes: Uint8Array, encoding = "zstd") => over("PUT", url, { "content-encoding": encoding }, { bytes })

const get = (url: string, accepted?: string, more: Readonly<Record<string, string>> = {}) =>
  over("GET", url, { ...(accepted === undefined ? {} : { "accept-encoding": accepted }), ...more })

const isMissing = (key: string) =>
  Effect.map(Effect.flip(ObjectStore.use((objects) => objects.size(key))), ({ _tag }) => assert.strictEqual(_tag, "ObjectMissing"))

const same = (actual: Uint8Array, expected: Uint8Array) => assert.isTrue(Buffer.compare(actual, expected) === 0)

/** By this process, the server and the test. */
const isOpen = (inPath: string): boolean =>
  readdirSync("/proc/self/fd").some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes(inPath)
    } catch {
      return false
    }
  })

const until = (look: () => boolean) =>
  Effect.repeat(Effect.sync(look), { schedule: Schedule.spaced("5 millis"), until: (seen) => seen })

/** Little that becomes so many zeros. */
const zeros = (mebibytes: number, params: Record<number, number> = {}) => {
  const block = new Uint8Array(mebibyte)
  const blocks = Readable.from(Array.from({ length: mebibytes }, () => block))
  return Effect.promise(() => buffer(blocks.pipe(createZstdCompress({ params }))))
}

describe("an upload that is compressed", () => {
  it.live("is stored as what it was, by a link that says so", () =>
    Effect.gen(function*() {
      const { bytes, encodings, key, url } = yield* offered(lines)
      assert.deepStrictEqual(encodings, ["zstd"])
      assert.strictEqual((yield* put(url, zstdCompressSync(bytes))).status, 204)
      const chunks = yield* ObjectStore.use((objects) => Stream.runCollect(objects.get(key)))
      same(Buffer.concat([...chunks]), lines)
    }).pipe(Effect.provide(server)))

  it.live("is refused and not stored when it is cut short, damaged or none", () =>
    Effect.gen(function*() {
      const { bytes, key, url } = yield* offered(lines)
      const whole = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
      const damaged = (at: number) => whole.map((byte, index) => index === at ? byte ^ 1 : byte)
      const bodies = [
        whole.subarray(0, -1), whole.subarray(0, whole.length / 2), whole.subarray(0, 3), whole.subarray(0, 0), bytes,
        damaged(whole.length >> 1), damaged(whole.length - 1)
      ]
      for (const [index, body] of bodies.entries()) {
        const { bytes: said, status } = yield* put(url, body)
        assert.strictEqual(status, 400, String(index))
        assert.match(JSON.parse(said.toString()).detail, /^The upload is damaged, or no zstd\.$/)
      }
      yield* isMissing(key)
      assert.strictEqual((yield* put(url, whole)).status, 204)
    }).pipe(Effect.provide(server)))

  it.live("is not stored when its sender goes away, and is taken again", () =>
    Effect.gen(function*() {
      const { bytes, key, url } = yield* offered(digits(4 * mebibyte))
      const { url: grid } = yield* Grid
      const body = zstdCompressSync(bytes)
      const sending = request(new URL(url, grid), { method: "PUT", headers: { "content-encoding": "zstd" }, agent: false })
      sending.on("error", () => undefined)
      sending.write(body.subarray(0, body.length / 2))
      yield* until(() => isOpen("/incoming/"))
      sending.destroy()
      yield* until(() => !isOpen("/incoming/"))
      yield* isMissing(key)
      assert.strictEqual((yield* put(url, body)).status, 204)
    }).pipe(Effect.provide(server)))

  it.live("is refused when it wants more memory than the coding has a server give", () =>
    Effect.gen(function*() {
      const { bytes, key, url } = yield* offered(new Uint8Array(32 * mebibyte))
      assert.strictEqual((yield* put(url, yield* zeros(32, { [constants.ZSTD_c_windowLog]: 24 }))).status, 400)
      yield* isMissing(key)
      assert.strictEqual((yield* put(url, yield* zeros(32, { [constants.ZSTD_c_windowLog]: 23 }))).status, 204)
      assert.strictEqual(yield* ObjectStore.use((objects) => objects.size(key)), bytes.length)
    }).pipe(Effect.provide(server)))

  it.live("is refused when it is other bytes, or fewer", () =>
    Effect.gen(function*() {
      const { bytes, key, url } = yield* offered(lines)
      for (const other of [bytes.subarray(1), Buffer.concat([bytes.subarray(1), Buffer.from("x")])]) {
        assert.strictEqual((yield* put(url, zstdCompressSync(other))).status, 422)
      }
      yield* isMissing(key)
    }).pipe(Effect.provide(server)))

  it.live("is refused as soon as it is more than its link is for, whatever is still to come", () =>
    Effect.gen(function*() {
      const { key, url } = yield* offered(randomBytes(mebibyte))
      const bytes = yield* zeros(1024)
      assert.isBelow(bytes.length, mebibyte)
      const before = process.resourceUsage().maxRSS
      const { status } = yield* over("PUT", url, { "content-encoding": "zstd" }, { bytes, unended: true })
      assert.strictEqual(status, 422)
      assert.isBelow((process.resourceUsage().maxRSS - before) / 1024, 128)
      yield* isMissing(key)
    }).pipe(Effect.provide(server)))

  it.live("is refused in any other coding, and told which is taken", () =>
    Effect.gen(function*() {
      const { bytes, key, url } = yield* offered(lines)
      for (const encoding of ["gzip", "br", "zstd, gzip", "x"]) {
        const { headers, status } = yield* put(url, gzipSync(bytes), encoding)
        assert.deepStrictEqual([status, headers["accept-encoding"]], [415, "zstd"], encoding)
      }
      yield* isMissing(key)
      assert.strictEqual((yield* put(url, bytes, "identity")).status, 204)
    }).pipe(Effect.provide(server)))
})

describe("a download", () => {
  it.live("is compressed for who asks, when that makes it less", () =>
    Effect.gen(function*() {
      const { bytes, url } = yield* stored(lines)
      for (const accepted of ["zstd", "gzip, zstd;q=0.5", "ZSTD ; q=1"]) {
        const answered = yield* get(url, accepted)
        const { headers } = answered
        assert.deepStrictEqual(
          [answered.status, headers["content-encoding"], headers.vary, headers["content-length"], headers["accept-ranges"]],
          [200, "zstd", "accept-encoding", undefined, undefined],
          accepted
        )
        assert.isBelow(answered.bytes.length, bytes.length / 4)
        same(zstdDecompressSync(answered.bytes), bytes)
      }
    }).pipe(Effect.provide(server)))

  const asItIs = ({ headers, status }: Answer, bytes: Uint8Array) =>
    assert.deepStrictEqual(
      [status, headers["content-encoding"], headers.vary, headers["content-length"], headers["accept-ranges"]],
      [200, undefined, "accept-encoding", String(bytes.length), "bytes"]
    )

  it.live("comes as it is where that makes it no less", () =>
    Effect.gen(function*() {
      for (const bytes of [randomBytes(2 * mebibyte), lines.subarray(0, 100_000)]) {
        const { url } = yield* stored(bytes)
        const answered = yield* get(url, "zstd")
        asItIs(answered, bytes)
        same(answered.bytes, bytes)
      }
    }).pipe(Effect.provide(server)))

  it.live("comes as it is to who does not ask, and is announced as such", () =>
    Effect.gen(function*() {
      const { bytes, url } = yield* stored(lines)
      for (const accepted of [undefined, "gzip, br", "zstd;q=0", "zstd; q=0.0", "xzstd", ""]) {
        const answered = yield* get(url, accepted)
        asItIs(answered, bytes)
        same(answered.bytes, bytes)
      }
    }).pipe(Effect.provide(server)))

  it.live("of a range is that range as it is", () =>
    Effect.gen(function*() {
      const { bytes, url } = yield* stored(lines)
      const { bytes: got, headers, status } = yield* get(url, "zstd", { range: "bytes=1000-900000" })
      assert.deepStrictEqual([status, headers["content-encoding"]], [206, undefined])
      same(got, bytes.subarray(1000, 900_001))
    }).pipe(Effect.provide(server)))

  it.live("that nobody takes any more is not read to its end", () =>
    Effect.gen(function*() {
      const { part, url } = yield* stored(digits(48 * mebibyte))
      const { url: grid } = yield* Grid
      const reads = () => isOpen(`/${part.sha256}`)
      // Of this nothing more is taken than what one socket holds.
      const stop = yield* Effect.callback<() => void>((resume) => {
        const asked = request(new URL(url, grid), { headers: { "accept-encoding": "zstd" } }, (answer) => {
          assert.strictEqual(answer.headers["content-encoding"], "zstd")
          answer.once("readable", () => resume(Effect.succeed(() => asked.destroy())))
        })
        asked.end()
      })
      assert.isTrue(reads())
      stop()
      yield* until(() => !reads())
    }).pipe(Effect.provide(server)))
})
