/** Logs on disk after what no append and no seal can be told of: a machine that went down, a file that went away. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { access, cp, rm, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { executionId } from "rgrid/domain/Id"
import { decode } from "rgrid/domain/LogFrame"
import { LogStore } from "rgrid/ports/LogStore"
import { logKey, ObjectStore } from "rgrid/ports/ObjectStore"
import * as FilesLogStore from "../../src/adapters/files/FilesLogStore.ts"
import * as FilesObjectStore from "../../src/adapters/files/FilesObjectStore.ts"
import { frames } from "../api/frames.ts"

const temporary = FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "rgrid-logs-" }))

/** One life of a server. */
const life = <A, E>(directory: string, body: Effect.Effect<A, E, LogStore | ObjectStore>) =>
  body.pipe(Effect.provide(
    FilesLogStore.layer({ directory: join(directory, "logs") }).pipe(
      Layer.provideMerge(FilesObjectStore.layer({
        directory: join(directory, "objects"),
        signingKey: new Uint8Array(32)
      }))
    ),
    { local: true }
  ))

const attempt = { execution: executionId(1), fence: 1 }
const pieceBytes = 8 * 1024 * 1024
/** As large as a frame may be: they straddle the borders of pieces. */
const straddling = 64 * 1024
const straddlingFrame = 32 + straddling
/** A whole number of them is a piece. */
const fitting = 64 * 1024 - 32

const piece = (directory: string, index: number): string =>
  join(directory, "logs", `${attempt.execution}_${attempt.fence}.${index}`)

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

const act = (act: () => Promise<unknown>) => Effect.promise(act)

const isObject = (index: number) =>
  ObjectStore.use((objects) => objects.size(logKey(attempt, index))).pipe(
    Effect.option,
    Effect.map((size) => size._tag === "Some")
  )

/** Until the piece is an object and its file is gone: sealing goes on behind appends. */
const sealedBehind = Effect.fnUntraced(function*(directory: string, index: number) {
  const done = Effect.gen(function*() {
    const file = yield* act(() => access(piece(directory, index)).then(() => true, () => false))
    return !file && (yield* isObject(index))
  })
  yield* Effect.timeout(Effect.repeat(Effect.delay(done, "10 millis"), { until: (yes) => yes }), "10 seconds")
})

/** As a runner does that is told where the log ends: from there, in whole frames, to the end; then it is settled. */
const goesOn = Effect.fnUntraced(function*(log: Uint8Array) {
  const logs = yield* LogStore
  const length = yield* logs.length(attempt)
  const whole = yield* logs.read(attempt, 0, length)
  assert.isTrue(same(whole, log.subarray(0, length)), "other bytes")
  assert.strictEqual(decode(whole).consumed, length, "it ends inside a frame")
  assert.strictEqual(yield* logs.append(attempt, length, log.subarray(length)), log.length)
  yield* logs.seal(attempt)
  assert.isTrue(same(yield* logs.read(attempt, 0, log.length + 1), log), "other bytes at the end")
  return length
})

/** A log of which the first piece is an object, and no file any more. */
const begun = (directory: string, log: Uint8Array) =>
  life(directory, Effect.gen(function*() {
    yield* LogStore.use((logs) => logs.append(attempt, 0, log))
    yield* sealedBehind(directory, 0)
  }))

const test = <A, E>(title: string, body: (directory: string) => Effect.Effect<A, E>) =>
  it.live(title, () => Effect.flatMap(temporary, body).pipe(Effect.scoped, Effect.provide(NodeServices.layer)), 30_000)

describe("logs on disk, recovered", () => {
  test("end where the last object ends when the file behind it was made and never written", (directory) =>
    Effect.gen(function*() {
      const log = frames(140, fitting)
      yield* begun(directory, log.subarray(0, pieceBytes))
      yield* act(() => writeFile(`${piece(directory, 1)}.first`, "0"))
      yield* act(() => writeFile(piece(directory, 1), ""))
      assert.strictEqual(yield* life(directory, goesOn(log)), pieceBytes)
    }))

  const losses: ReadonlyArray<readonly [what: string, lose: (directory: string) => Promise<unknown>]> = [
    ["is gone", async (directory) => {
      await rm(piece(directory, 1))
      await rm(`${piece(directory, 1)}.first`)
    }],
    ["is empty", (directory) => truncate(piece(directory, 1), 0)],
    ["is cut inside of a frame that begins in the object", (directory) => truncate(piece(directory, 1), 20)],
    ["has lost its mark", (directory) => truncate(`${piece(directory, 1)}.first`, 0)]
  ]
  for (const [what, lose] of losses) {
    test(`go on from whole frames when what was behind the last object ${what}`, (directory) =>
      Effect.gen(function*() {
        const log = frames(150, straddling)
        yield* begun(directory, log.subarray(0, 140 * straddlingFrame))
        yield* act(() => lose(directory))
        // Looked at and left: what the first of them mended is what the second one finds.
        yield* life(directory, LogStore.use((logs) => logs.length(attempt)))
        assert.isAtLeast(yield* life(directory, goesOn(log)), pieceBytes - straddlingFrame)
      }))
  }

  for (const kept of [1, 0.5, 0]) {
    test(`stay sealed when ${kept * 100} % of a sealed file came back`, (directory) =>
      Effect.gen(function*() {
        const log = frames(4, 1000)
        yield* life(directory, LogStore.use((logs) => logs.append(attempt, 0, log)))
        yield* act(() => cp(join(directory, "logs"), join(directory, "before"), { recursive: true }))
        yield* life(directory, LogStore.use((logs) => logs.seal(attempt)))
        yield* act(() => cp(join(directory, "before"), join(directory, "logs"), { recursive: true }))
        yield* act(() => truncate(piece(directory, 0), log.length * kept))
        yield* life(directory, Effect.gen(function*() {
          const logs = yield* LogStore
          assert.strictEqual(yield* logs.length(attempt), log.length)
          assert.isTrue(same(yield* logs.read(attempt, 0, log.length), log), "other bytes")
          const error = yield* Effect.flip(logs.append(attempt, log.length, frames(1, 10)))
          assert.deepStrictEqual([error._tag, "length" in error && error.length], ["OffsetMismatch", log.length])
          yield* logs.seal(attempt)
        }))
      }))
  }

  for (const [what, left] of [["gone", null], ["cut short", 50]] as const) {
    test(`are not called safe when their file is ${what}`, (directory) =>
      life(directory, Effect.gen(function*() {
        const logs = yield* LogStore
        yield* logs.append(attempt, 0, frames(4, 1000))
        yield* act(() => left === null ? rm(piece(directory, 0)) : truncate(piece(directory, 0), left))
        assert.strictEqual((yield* Effect.flip(logs.seal(attempt)))._tag, "LogUnavailable")
        assert.isFalse(yield* isObject(0))
      })))
  }

  test("leave nothing behind when they are removed while they are sealed", (directory) =>
    life(directory, Effect.gen(function*() {
      const logs = yield* LogStore
      for (let times = 0; times < 5; times++) {
        const log = frames(270, straddling)
        yield* logs.append(attempt, 0, log)
        yield* logs.remove(attempt)
        // For whatever was still going on behind it.
        yield* Effect.sleep("200 millis")
        for (const index of [0, 1, 2]) assert.isFalse(yield* isObject(index), `object ${index}`)
        assert.strictEqual(yield* logs.length(attempt), 0)
      }
    })))

  test("of 30 MB become objects while they are written, and all but their end is no file any more", (directory) =>
    Effect.gen(function*() {
      const log = frames(480, straddling)
      yield* life(directory, Effect.gen(function*() {
        const logs = yield* LogStore
        for (let at = 0; at < log.length; at += 16 * straddlingFrame) {
          yield* logs.append(attempt, at, log.subarray(at, at + 16 * straddlingFrame))
        }
        for (const index of [0, 1, 2]) yield* sealedBehind(directory, index)
        assert.isFalse(yield* isObject(3))
        assert.isTrue(same(yield* logs.read(attempt, 0, log.length), log), "other bytes")
      }))
      assert.strictEqual(yield* life(directory, goesOn(log)), log.length)
    }))
})
