/** Parts on their way to a server and from it, compressed where it says that it undoes that. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { Connection } from "rgrid/client/Connection"
import { getPart } from "rgrid/client/getPart"
import { GridClient } from "rgrid/client/GridClient"
import { ClientLive } from "rgrid/client/layers"
import { sendMissing } from "rgrid/client/sendMissing"
import { Sha256 } from "rgrid/domain/JobSpec"

const mebibyte = 1024 * 1024

/** Half of it is left when it is compressed: enough to be seen on its way. */
const digits = Buffer.from(randomBytes(4 * mebibyte).toString("hex"))
const noise = randomBytes(mebibyte)

const hash = (bytes: Uint8Array) => Sha256.make(createHash("sha256").update(bytes).digest("hex"))

type Answering = (request: IncomingMessage, response: ServerResponse) => void

const serverAt = Effect.fnUntraced(function*(answering: Answering) {
  const server = createServer(answering)
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()))),
    () => Effect.sync(() => server.closeAllConnections())
  )
  yield* Effect.addFinalizer(() => Effect.promise(() => new Promise<void>((done) => server.close(() => done()))))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

const clientOf = (url: string, local: boolean) =>
  ClientLive.pipe(Layer.provide(Layer.succeed(Connection, { url, key: Redacted.make("k"), local })))

interface Sent {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What arrived, each answered in its turn; 204 when there is none. */
const receiving = Effect.fnUntraced(function*(statuses: ReadonlyArray<number> = []) {
  const sent: Array<Sent> = []
  const url = yield* serverAt((request, response) =>
    void buffer(request).then((body) => {
      sent.push({ headers: request.headers, body })
      response.writeHead(statuses[sent.length - 1] ?? 204).end()
    })
  )
  return { sent, url }
})

const fileOf = (bytes: Uint8Array) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "rgrid-parts-"))),
      (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
    ),
    (directory) => {
      writeFileSync(join(directory, "file"), bytes)
      return join(directory, "file")
    }
  )

interface Sending {
  readonly url: string
  readonly local?: boolean
  readonly encodings?: ReadonlyArray<string>
  /** Of the file, which may have other bytes by now. */
  readonly size?: number
}

/** As a part of a file whose first byte is another's. */
const send = Effect.fnUntraced(function*(bytes: Buffer, { encodings = ["zstd"], local = false, size = bytes.length, url }: Sending) {
  const path = yield* fileOf(Buffer.concat([Buffer.from("?"), bytes]))
  const part = { sha256: hash(bytes), size, put: { url: "/part", headers: { "x-signed": "yes" }, encodings } }
  const sources = new Map([[part.sha256, { path, offset: 1, size }]])
  const sending = sendMissing([part], sources, 1).pipe(Effect.provide(clientOf(url, local)))
  return { path, sending }
})

const reads = (path: string) => readdirSync("/proc/self/fd").some((fd) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === path
  } catch {
    return false
  }
})

const until = (look: () => boolean) =>
  Effect.repeat(Effect.sync(look), { schedule: Schedule.spaced("5 millis"), until: (seen) => seen })

const isPlain = ({ body, headers }: Sent, bytes: Buffer) => {
  assert.deepStrictEqual([headers["content-encoding"], headers["content-length"]], [undefined, String(bytes.length)])
  assert.strictEqual(Buffer.compare(body, bytes), 0)
}

const isCompressed = ({ body, headers }: Sent, bytes: Buffer) => {
  assert.deepStrictEqual([headers["content-encoding"], headers["content-length"], headers["x-signed"]], ["zstd", undefined, "yes"])
  assert.isBelow(body.length, bytes.length * 0.6)
  assert.strictEqual(Buffer.compare(zstdDecompressSync(body), bytes), 0)
}

describe("a part that is sent", () => {
  it.live("is compressed where its link says so and that makes it less", () =>
    Effect.gen(function*() {
      const { sent, url } = yield* receiving()
      yield* (yield* send(digits, { url })).sending
      assert.strictEqual(sent.length, 1)
      isCompressed(sent[0]!, digits)
    }).pipe(Effect.scoped))

  it.live("is sent as it is to who does not say so, on this machine, and where it does not become less", () =>
    Effect.gen(function*() {
      const { sent, url } = yield* receiving()
      yield* (yield* send(digits, { url, encodings: [] })).sending
      yield* (yield* send(digits, { url, encodings: ["br"] })).sending
      yield* (yield* send(digits.subarray(0, mebibyte - 1), { url, local: true })).sending
      yield* (yield* send(noise, { url })).sending
      for (const [index, bytes] of [digits, digits, digits.subarray(0, mebibyte - 1), noise].entries()) isPlain(sent[index]!, bytes)
    }).pipe(Effect.scoped))

  it.live.each([400, 403, 411, 415, 422, 501])("is sent once more as it is when that is answered %d", (status) =>
    Effect.gen(function*() {
      const { sent, url } = yield* receiving([status])
      yield* (yield* send(digits, { url })).sending
      assert.strictEqual(sent.length, 2)
      isCompressed(sent[0]!, digits)
      isPlain(sent[1]!, digits)
    }).pipe(Effect.scoped))

  it.live("is refused when it is refused as it is, too, and a link that has expired is told from that", () =>
    Effect.gen(function*() {
      const { sent, url } = yield* receiving([415, 400, 403, 403])
      const refused = yield* Effect.flip((yield* send(digits, { url })).sending)
      assert.strictEqual(refused._tag, "GridRefused")
      const expired = yield* Effect.flip((yield* send(digits, { url })).sending)
      assert.deepStrictEqual([expired._tag, "passing" in expired && expired.passing], ["GridRefused", true])
      assert.strictEqual(sent.length, 4)
    }).pipe(Effect.scoped))

  it.live("is tried again compressed when the answer may be another later", () =>
    Effect.gen(function*() {
      const { sent, url } = yield* receiving([503])
      yield* (yield* send(digits, { url })).sending
      assert.strictEqual(sent.length, 2)
      for (const one of sent) isCompressed(one, digits)
    }).pipe(Effect.scoped))

  it.live("is known to have changed when the grid says so of it as it is", () =>
    Effect.gen(function*() {
      const { sent, url } = yield* receiving([422, 422])
      const changed = yield* Effect.flip((yield* send(digits, { url })).sending)
      assert.strictEqual(changed._tag, "InputChanged")
      isPlain(sent[1]!, digits)
    }).pipe(Effect.scoped))

  it.live("is known to have changed when its file is shorter by now, and never arrives", () =>
    Effect.gen(function*() {
      const ends: Array<boolean> = []
      const url = yield* serverAt((request, response) => {
        request.resume()
        request.on("error", () => undefined)
        request.on("close", () => ends.push(request.complete))
        request.on("end", () => response.writeHead(204).end())
      })
      for (const encodings of [["zstd"], []]) {
        const { path, sending } = yield* send(digits, { url, encodings, size: digits.length + 1 })
        assert.strictEqual((yield* Effect.flip(sending))._tag, "InputChanged")
        yield* until(() => !reads(path))
      }
      yield* until(() => ends.length === 2)
      assert.deepStrictEqual(ends, [false, false])
    }).pipe(Effect.scoped))

  it.live("is left where it is when nobody waits for it any more", () =>
    Effect.gen(function*() {
      const arriving: Array<IncomingMessage> = []
      const url = yield* serverAt((request) => {
        request.on("error", () => undefined)
        request.once("data", () => {
          request.pause()
          arriving.push(request)
        })
      })
      const { path, sending } = yield* send(Buffer.concat(Array.from({ length: 8 }, () => digits)), { url })
      const fiber = yield* Effect.forkChild(sending)
      yield* until(() => arriving.length > 0)
      assert.isTrue(reads(path))
      yield* Fiber.interrupt(fiber)
      yield* until(() => !reads(path))
      const [request] = arriving
      request!.resume()
      yield* until(() => request!.destroyed)
      assert.isFalse(request!.complete)
    }).pipe(Effect.scoped))
})

describe("a part that is fetched", () => {
  const fetched = (url: string, local = false) =>
    Effect.gen(function*() {
      const grid = yield* GridClient
      return getPart(grid, { url: "/part", headers: { "x-signed": "yes" } }, hash(digits))
    }).pipe(Stream.unwrap, Stream.provide(clientOf(url, local)))

  const coded = { "content-encoding": "zstd" }

  it.live("is asked for compressed and is what it was, if it is only then given so", () =>
    Effect.gen(function*() {
      const asked: Array<IncomingHttpHeaders> = []
      const url = yield* serverAt((request, response) => {
        asked.push(request.headers)
        if (asked.length === 1) response.writeHead(200, coded).end(zstdCompressSync(digits))
        else response.writeHead(200).end(digits)
      })
      for (const local of [false, false, true]) {
        const chunks = yield* Stream.runCollect(fetched(url, local))
        assert.strictEqual(Buffer.compare(Buffer.concat(chunks), digits), 0)
      }
      assert.deepStrictEqual(asked.map((headers) => headers["accept-encoding"]), ["zstd", "zstd", undefined])
      assert.isTrue(asked.every((headers) => headers["x-signed"] === "yes"))
    }).pipe(Effect.scoped))

  it.live("is not there when its end is missing or it is damaged", () =>
    Effect.gen(function*() {
      const whole = zstdCompressSync(digits, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
      const damaged = Buffer.from(whole)
      damaged.fill(0, 1000, 2000)
      const bodies = [whole.subarray(0, -1), whole.subarray(0, whole.length / 2), damaged, Buffer.from("no zstd"), Buffer.alloc(0)]
      for (const body of bodies) {
        const url = yield* serverAt((_, response) => response.writeHead(200, coded).end(body))
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(fetched(url))))._tag, "ServerUnreachable")
      }
      const cut = yield* serverAt((_, response) => {
        response.writeHead(200, coded).write(whole.subarray(0, whole.length / 2), () => response.destroy())
      })
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(fetched(cut))))._tag, "ServerUnreachable")
    }).pipe(Effect.scoped))

  it.live("is not read on when nobody wants more of it", () =>
    Effect.gen(function*() {
      let closed = false
      const url = yield* serverAt((request, response) => {
        request.socket.on("close", () => (closed = true))
        response.writeHead(200, coded).write(zstdCompressSync(digits))
      })
      const first = yield* Stream.runHead(fetched(url))
      assert.strictEqual(first._tag, "Some")
      yield* until(() => closed)
    }).pipe(Effect.scoped))
})
