/** Logs on disk against what interrupts them: readers and writers that go away, and servers that are killed. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { truncate } from "node:fs/promises"
import { join } from "node:path"
import { executionId } from "rgrid/domain/Id"
import { decode } from "rgrid/domain/LogFrame"
import { LogStore } from "rgrid/ports/LogStore"
import * as FilesLogStore from "../../src/adapters/files/FilesLogStore.ts"
import * as FilesObjectStore from "../../src/adapters/files/FilesObjectStore.ts"
import * as LogFile from "../../src/adapters/files/LogFile.ts"
import { frames } from "../api/frames.ts"

const temporary = FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "rgrid-logs-" }))

/** One life of a server: what it knew is forgotten when it ends, what it wrote is not. */
const life = <A, E>(directory: string, body: Effect.Effect<A, E, LogStore>) =>
  body.pipe(Effect.provide(
    FilesLogStore.layer({ directory: join(directory, "logs") }).pipe(
      Layer.provide(FilesObjectStore.layer({
        directory: join(directory, "objects"),
        signingKey: new Uint8Array(32)
      }))
    ),
    { local: true }
  ))

const attempt = { execution: executionId(1), fence: 1 }
const pieceBytes = 8 * 1024 * 1024
const frame = 32 + 64 * 1024
const place = (directory: string): string => join(directory, "logs", `${attempt.execution}_${attempt.fence}`)
const piece = (directory: string, index: number): string => `${place(directory)}.${index}`

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Appends what is missing of `log`, as a runner does that is told where it ends. */
const goOn = Effect.fnUntraced(function*(log: Uint8Array, from: number) {
  const logs = yield* LogStore
  const end = yield* logs.append(attempt, from, log.subarray(from))
  assert.strictEqual(end, log.length)
  assert.isTrue(same(yield* logs.read(attempt, 0, log.length + 1), log))
})

/** Long enough for one step of a write to disk. */
const tick = Effect.promise(() => new Promise<void>((resume) => setImmediate(resume)))

/** A frame that lies across the border of two pieces. */
const across = Math.floor(pieceBytes / frame) * frame

describe("logs on disk", () => {
  it.live("stay whole when whoever appends goes away in the middle of it", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const log = frames(40, 64 * 1024)
      yield* life(directory, Effect.gen(function*() {
        const logs = yield* LogStore
        for (let turns = 0; turns < 40; turns++) {
          const at = yield* logs.length(attempt)
          if (at === log.length) break
          const appending = yield* Effect.forkChild(logs.append(attempt, at, log.subarray(at, at + frame)))
          for (let ticks = 0; ticks < turns % 8; ticks++) yield* tick
          yield* Fiber.interrupt(appending)
        }
        // What an interrupted write may still be doing.
        yield* Effect.sleep("100 millis")
        yield* goOn(log, yield* logs.length(attempt))
      }))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  for (const left of [1, 16, 32, 1000]) {
    it.live(`go on from whole frames when the last write was torn ${left} bytes into a new piece`, () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const log = frames(140, 64 * 1024)
        yield* life(directory, LogStore.use((logs) => logs.append(attempt, 0, log.subarray(0, across))))
        // Written behind the store's back: killed in the middle of an append, it never came to sealing the first piece.
        const torn = log.subarray(across, across + frame)
        yield* Effect.promise(() => LogFile.append(place(directory), across, torn))
        yield* Effect.promise(() => truncate(piece(directory, 1), left))
        yield* life(directory, Effect.gen(function*() {
          const logs = yield* LogStore
          const length = yield* logs.length(attempt)
          assert.strictEqual(length, across)
          const whole = yield* logs.read(attempt, 0, length)
          assert.strictEqual(decode(whole).consumed, length, "it ends inside a frame")
          yield* goOn(log, length)
        }))
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
  }

  for (const cut of [1, 31, 33, frame - 1]) {
    it.live(`go on from whole frames when the last ${cut} bytes are gone`, () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const log = frames(6, 64 * 1024)
        yield* life(directory, LogStore.use((logs) => logs.append(attempt, 0, log.subarray(0, 3 * frame))))
        yield* Effect.promise(() => truncate(piece(directory, 0), 3 * frame - cut))
        yield* life(directory, Effect.gen(function*() {
          const logs = yield* LogStore
          assert.strictEqual(yield* logs.length(attempt), 2 * frame)
          yield* goOn(log, 2 * frame)
        }))
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
  }

  it.live("are the same from disk, half sealed, sealed, and in the next life", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const log = frames(400, 64 * 1024)
      const readBack = Effect.fnUntraced(function*(logs: LogStore["Service"]) {
        for (const at of [0, 1, pieceBytes - 1, pieceBytes, 2 * pieceBytes + 7, log.length - 1, log.length]) {
          assert.isTrue(same(yield* logs.read(attempt, at, log.length), log.subarray(at)), `from ${at}`)
        }
      })
      yield* life(directory, Effect.gen(function*() {
        const logs = yield* LogStore
        for (let at = 0; at < log.length; at += 40 * frame) {
          yield* logs.append(attempt, at, log.subarray(at, at + 40 * frame))
        }
        yield* readBack(logs)
        yield* logs.seal(attempt)
        yield* logs.seal(attempt)
        yield* readBack(logs)
        const error = yield* Effect.flip(logs.append(attempt, log.length, log.subarray(0, frame)))
        assert.deepStrictEqual([error._tag, "length" in error && error.length], ["OffsetMismatch", log.length])
      }))
      yield* life(directory, LogStore.use(readBack))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
