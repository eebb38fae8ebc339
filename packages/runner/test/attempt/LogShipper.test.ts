import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { LogOffsetMismatch } from "rgrid/api/Errors"
import { decode } from "rgrid/domain/LogFrame"
import type { OutputChunk } from "rgrid/ports/Sandbox"
import { type AttemptClient, Stale } from "../../src/attempt/AttemptClient.ts"
import * as LogShipper from "../../src/attempt/LogShipper.ts"
import { temporaryDirectory } from "../fixtures/directory.ts"
import { sha256 } from "../fixtures/FakeServer.ts"
import { waitUntil } from "../fixtures/waitUntil.ts"

/** A log that takes what fits its end. */
class FakeLog {
  bytes = Buffer.alloc(0)
  readonly sizes: Array<number> = []
  readonly answering = Latch.makeUnsafe(true)
  mostAtOnce = 0
  private atOnce = 0

  readonly client: Pick<AttemptClient, "append"> = {
    append: (offset, frames) =>
      Effect.suspend((): Effect.Effect<number, LogOffsetMismatch | Stale> => {
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce)
        this.sizes.push(frames.length)
        if (offset !== this.bytes.length) return Effect.fail(new LogOffsetMismatch({ length: this.bytes.length }))
        this.bytes = Buffer.concat([this.bytes, frames])
        return Effect.as(this.answering.await, this.bytes.length)
      }).pipe(Effect.ensuring(Effect.sync(() => this.atOnce--)))
  }
}

const chunk = (bytes: string | Buffer): OutputChunk => ({ stream: "stdout", bytes: Buffer.from(bytes) })

const payload = (log: Uint8Array): Buffer => Buffer.concat(decode(log).frames.map(({ bytes }) => bytes))

const setUp = (log: FakeLog) =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    const shipper = yield* LogShipper.make({ client: log.client, spool: join(directory, "log"), secrets: {} })
    return { directory, shipper }
  })

/** What the settlement would make of it. */
const whole = (log: FakeLog, { tail }: LogShipper.LogSummary): Buffer => {
  assert.strictEqual(tail.offset, log.bytes.length)
  return Buffer.concat([log.bytes, tail.frames])
}

describe("shipping a log", () => {
  it.live("sends the first line at once, and what came meanwhile with the answer, in one frame", () =>
    Effect.gen(function*() {
      const log = new FakeLog()
      const { shipper } = yield* setUp(log)
      log.answering.closeUnsafe()
      const more = Latch.makeUnsafe(false)
      const output = Stream.make(chunk("a")).pipe(
        Stream.concat(Stream.fromEffect(Effect.as(more.await, chunk("b")))),
        Stream.concat(Stream.make(chunk("c"), chunk("d"))),
        Stream.concat(Stream.fromEffect(Effect.as(Effect.never, chunk("never"))))
      )
      yield* Effect.forkScoped(shipper.ship)
      yield* Effect.forkScoped(shipper.consume(output))
      yield* waitUntil("the first line is sent", () => log.sizes.length === 1)
      more.openUnsafe()
      yield* Effect.sleep("20 millis")
      assert.strictEqual(log.sizes.length, 1)
      log.answering.openUnsafe()
      yield* waitUntil("the rest is sent", () => payload(log.bytes).toString() === "abcd")
      assert.deepStrictEqual(decode(log.bytes).frames.map(({ bytes }) => Buffer.from(bytes).toString()), ["a", "bcd"])
      assert.strictEqual(log.mostAtOnce, 1)
    }))

  it.live("leaves a short rest to the settlement", () =>
    Effect.gen(function*() {
      const log = new FakeLog()
      const { shipper } = yield* setUp(log)
      yield* shipper.consume(Stream.make(chunk("short\n")))
      yield* shipper.ship
      const summary = yield* shipper.summary
      assert.strictEqual(log.sizes.length, 0)
      assert.strictEqual(payload(summary.tail.frames).toString(), "short\n")
      assert.strictEqual(summary.sha256, sha256(whole(log, summary)))
    }))

  it.live("brings a flood over, a mebibyte at most at a time, and keeps it until the end", () =>
    Effect.gen(function*() {
      const log = new FakeLog()
      const { directory, shipper } = yield* setUp(log)
      const chunks = Array.from({ length: 400 }, (_, index) => chunk(Buffer.alloc(32 * 1024, index)))
      yield* Effect.all([shipper.ship, shipper.consume(Stream.fromIterable(chunks))], { concurrency: 2 })
      const summary = yield* shipper.summary
      assert.isTrue(payload(whole(log, summary)).equals(Buffer.concat(chunks.map(({ bytes }) => bytes))))
      assert.strictEqual(summary.sha256, sha256(whole(log, summary)))
      assert.isAtMost(Math.max(...log.sizes), 1024 * 1024)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(directory)), ["log"])
    }))

  it.live("begins again where a server without memory says, from the spool too", () =>
    Effect.gen(function*() {
      const log = new FakeLog()
      const { shipper } = yield* setUp(log)
      const chunks = Array.from({ length: 100 }, (_, index) => chunk(Buffer.alloc(20_000, index)))
      yield* Effect.all([shipper.ship, shipper.consume(Stream.fromIterable(chunks))], { concurrency: 2 })
      log.bytes = Buffer.alloc(0)
      yield* shipper.goOnFrom(0)
      yield* shipper.ship
      const summary = yield* shipper.summary
      assert.strictEqual(summary.sha256, sha256(whole(log, summary)))
    }))

  it.live("lets the script wait when the server is far behind", () =>
    Effect.gen(function*() {
      const log = new FakeLog()
      const { shipper } = yield* setUp(log)
      log.answering.closeUnsafe()
      let pulled = 0
      const output = Stream.range(1, 100).pipe(
        Stream.rechunk(1),
        Stream.map(() => {
          pulled++
          return chunk(Buffer.alloc(1024 * 1024))
        })
      )
      yield* Effect.forkScoped(shipper.ship)
      const consuming = yield* Effect.forkScoped(shipper.consume(output))
      yield* waitUntil("about 64 MiB are pulled", () => pulled >= 64)
      yield* Effect.sleep("50 millis")
      assert.isAtMost(pulled, 67)
      log.answering.openUnsafe()
      yield* Fiber.join(consuming)
      assert.strictEqual(pulled, 100)
    }), 20_000)

  it.live("takes a server's log that is longer than its own for somebody else's", () =>
    Effect.gen(function*() {
      const { shipper } = yield* setUp(new FakeLog())
      assert.strictEqual((yield* Effect.flip(shipper.goOnFrom(1)))._tag, "Lost")
    }))

  it.live("stops when the attempt is stale", () =>
    Effect.gen(function*() {
      const log = new FakeLog()
      const directory = yield* temporaryDirectory
      const client = { append: () => Effect.fail(new Stale()) }
      const shipper = yield* LogShipper.make({ client, spool: join(directory, "log"), secrets: {} })
      yield* Effect.forkScoped(shipper.consume(Stream.concat(Stream.make(chunk("a")), Stream.never)))
      assert.strictEqual((yield* Effect.flip(shipper.ship))._tag, "Stale")
      assert.strictEqual(log.bytes.length, 0)
    }))
})
