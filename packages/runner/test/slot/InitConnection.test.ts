/** The connection against an init played by the test, byte by byte. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { PassThrough } from "node:stream"
import * as InitConnection from "../../src/slot/InitConnection.ts"

const frame = (type: string, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(5)
  header.write(type, 0, "latin1")
  header.writeUInt32LE(payload.length, 1)
  return Buffer.concat([header, payload])
}

const u32 = (...values: ReadonlyArray<number>): Buffer => Buffer.from(new Uint32Array(values).buffer)

const exitFrame = frame("X", Buffer.alloc(41))

/** Types and payloads of what the runner sent. */
const sent = (bytes: Buffer): ReadonlyArray<readonly [string, Buffer]> => {
  const frames: Array<readonly [string, Buffer]> = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + bytes.readUInt32LE(at + 1)
    frames.push([bytes.toString("latin1", at, at + 1), bytes.subarray(at + 5, end)])
    at = end
  }
  return frames
}

const play = Effect.gen(function*() {
  const fromInit = new PassThrough()
  const toInit = new PassThrough()
  const chunks: Array<Buffer> = []
  toInit.on("data", (chunk: Buffer) => chunks.push(chunk))
  const connection = yield* InitConnection.make("slot-1", { readable: fromInit, writable: toInit })
  const say = (bytes: Buffer) =>
    Effect.promise(() => new Promise<void>((resolve) => fromInit.write(bytes, () => resolve())))
  const heard = () => sent(Buffer.concat(chunks))
  yield* say(frame("R", u32(2, 10)))
  yield* connection.ready
  return { connection, fromInit, say, heard }
})

const start = { argv: ["prog"] as [string], env: {}, deadline: Duration.seconds(1) }

const settleDown = Effect.sleep("20 millis")

describe("InitConnection", () => {
  it.live("sends stdin within the credit only, and then its end", () =>
    Effect.gen(function*() {
      const { connection, heard, say } = yield* play
      yield* say(frame("B", u32(7)))
      yield* connection.run({ ...start, stdin: Stream.make(Buffer.from("0123456789abcdef")) }, "/work")
      yield* settleDown
      const text = () => heard().filter(([type]) => type === "I").map(([, bytes]) => bytes.toString()).join("")
      assert.strictEqual(text(), "0123456789")
      yield* say(frame("W", u32(4)))
      yield* settleDown
      assert.strictEqual(text(), "0123456789abcd")
      yield* say(frame("W", u32(100)))
      yield* settleDown
      assert.strictEqual(text(), "0123456789abcdef")
      assert.strictEqual(heard().at(-1)?.[0], "E")
      yield* say(exitFrame)
    }))

  it.live("pauses the source while nobody takes the output, and loses nothing", () =>
    Effect.gen(function*() {
      const { connection, fromInit, say } = yield* play
      yield* say(frame("B", u32(7)))
      const run = yield* connection.run(start, "/work")
      const piece = Buffer.alloc(64 * 1024, 1)
      for (let i = 0; i < 100; i++) fromInit.write(frame("O", piece))
      fromInit.write(exitFrame)
      yield* settleDown
      assert.isTrue(fromInit.isPaused())
      assert.isAbove(fromInit.readableLength + fromInit.writableLength, 4_000_000)
      const total = yield* Stream.runFold(run.output, () => 0, (sum, { bytes }) => sum + bytes.length)
      assert.strictEqual(total, 100 * piece.length)
      assert.strictEqual((yield* run.exit).code, 0)
    }))

  it.live("resolves the exit only when all output has been taken", () =>
    Effect.gen(function*() {
      const { connection, say } = yield* play
      yield* say(frame("B", u32(7)))
      const run = yield* connection.run(start, "/work")
      yield* say(Buffer.concat([frame("O", Buffer.from("last")), exitFrame]))
      const exit = yield* Effect.forkChild(run.exit)
      yield* settleDown
      assert.isUndefined(exit.pollUnsafe())
      assert.strictEqual((yield* Stream.runCollect(run.output)).length, 1)
      yield* Fiber.join(exit)
    }))

  it.live("fails output and exit with SlotLost, after what had arrived, when the connection ends early", () =>
    Effect.gen(function*() {
      const { connection, fromInit, say } = yield* play
      yield* say(frame("B", u32(7)))
      const run = yield* connection.run(start, "/work")
      yield* say(frame("O", Buffer.from("partial")))
      fromInit.destroy()
      const seen: Array<string> = []
      const error = yield* Effect.flip(
        Stream.runForEach(run.output, ({ bytes }) => Effect.sync(() => seen.push(Buffer.from(bytes).toString())))
      )
      assert.deepStrictEqual(seen, ["partial"])
      assert.strictEqual(error.reason._tag, "SlotLost")
      assert.strictEqual((yield* Effect.flip(run.exit)).reason._tag, "SlotLost")
      yield* connection.died
    }))

  it.live("takes garbage for a lost slot", () =>
    Effect.gen(function*() {
      const { connection, say } = yield* play
      yield* say(frame("B", u32(7)))
      const run = yield* connection.run(start, "/work")
      yield* say(Buffer.from("GARBAGE GARBAGE"))
      assert.strictEqual((yield* Effect.flip(run.exit)).reason._tag, "SlotLost")
    }))

  it.live("runs once", () =>
    Effect.gen(function*() {
      const { connection, say } = yield* play
      yield* say(frame("B", u32(7)))
      yield* connection.run(start, "/work")
      assert.strictEqual((yield* Effect.flip(connection.run(start, "/work"))).reason._tag, "SlotLost")
      yield* say(exitFrame)
    }))

  it.live("runs again after a reset, told nothing of the run before", () =>
    Effect.gen(function*() {
      const { connection, heard, say } = yield* play
      yield* say(frame("B", u32(7)))
      const exit = yield* Effect.scoped(Effect.gen(function*() {
        const run = yield* connection.run(start, "/work")
        yield* say(exitFrame)
        return run.exit
      }))
      const resetting = yield* Effect.forkChild(connection.reset(["/work"]))
      yield* settleDown
      assert.deepStrictEqual(heard().at(-1), ["N", Buffer.concat([u32(1, 5), Buffer.from("/work")])])
      yield* say(Buffer.concat([frame("W", u32(100)), frame("O", Buffer.from("late")), frame("R", u32(2, 3))]))
      yield* Fiber.join(resetting)
      yield* say(frame("B", u32(8)))
      const run = yield* connection.run({ ...start, stdin: Stream.make(Buffer.from("abcdef")) }, "/work")
      yield* settleDown
      assert.strictEqual(heard().at(-1)?.[1].toString(), "abc")
      yield* say(Buffer.concat([frame("O", Buffer.from("own")), frame("X", Buffer.alloc(41, 1))]))
      const output = yield* Stream.runCollect(run.output)
      assert.deepStrictEqual(output.map(({ bytes }) => Buffer.from(bytes).toString()), ["own"])
      assert.deepStrictEqual([(yield* exit).code, (yield* run.exit).code], [0, 0x01010101])
    }))

  it.live("is lost when the init can't clear away what a script left", () =>
    Effect.gen(function*() {
      const { connection, say } = yield* play
      const resetting = yield* Effect.forkChild(Effect.flip(connection.reset([])))
      yield* settleDown
      yield* say(frame("F", Buffer.concat([u32(1), Buffer.from("reset")])))
      assert.strictEqual((yield* Fiber.join(resetting)).reason._tag, "SlotLost")
      assert.strictEqual((yield* Effect.flip(connection.run(start, "/work"))).reason._tag, "SlotLost")
    }))

  it.live("kills the script when the run's scope closes, and tells the init to quit when the slot's does", () =>
    Effect.gen(function*() {
      const heard = yield* Effect.scoped(Effect.gen(function*() {
        const { connection, heard, say } = yield* play
        yield* say(frame("B", u32(7)))
        const run = yield* Effect.forkChild(Effect.scoped(connection.run(start, "/work")))
        yield* settleDown
        assert.deepStrictEqual(heard().map(([type]) => type), ["S", "E", "K"])
        yield* say(exitFrame)
        yield* Fiber.join(run)
        return heard
      }))
      assert.strictEqual(heard().at(-1)?.[0], "Q")
    }))
})
