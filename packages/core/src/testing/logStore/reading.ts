/** From anywhere, however the log is kept. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { headerBytes, maxPayloadBytes } from "../../domain/LogFrame.ts"
import type { Attempt } from "../../ports/ExecutionStore.ts"
import { LogStore } from "../../ports/LogStore.ts"
import { anAttempt, begun, frames, holds, type It, long, same } from "./fixtures.ts"

/** Around every border of `log`'s first 17 MiB, of which 8 MiB is what the files' store has in one file. */
const borders = [0, 1, 8 * 1024 * 1024 - 1, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1, 16 * 1024 * 1024 - 3, long.length - 1]

const readsAnywhere = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array) {
  const logs = yield* LogStore
  for (const at of borders) {
    for (const limit of [0, 1, 6, 70_000, log.length]) {
      same(yield* logs.read(attempt, at, limit), log.subarray(at, at + limit), `${limit} bytes from ${at}`)
    }
  }
  for (const at of [log.length, log.length + 1, 2 * log.length]) {
    assert.strictEqual((yield* logs.read(attempt, at, 100)).length, 0, `from ${at}`)
  }
})

export const reading = (it: It): void => {
  it.effect("reads from anywhere, over the borders of what was appended, also inside of frames", () =>
    Effect.gen(function*() {
      const log = frames(10, 50)
      const frame = headerBytes + 50
      const { attempt, logs } = yield* begun(log.subarray(0, frame))
      for (let at = frame; at < log.length; at += 3 * frame) {
        yield* logs.append(attempt, at, log.subarray(at, at + 3 * frame))
      }
      for (let at = 0; at <= log.length; at += 7) {
        for (const limit of [0, 1, frame, 200, 10_000]) {
          same(yield* logs.read(attempt, at, limit), log.subarray(at, at + limit), `${limit} bytes from ${at}`)
        }
      }
    }))

  it.effect("reads a long log from anywhere, before it is sealed, meanwhile and after", () =>
    Effect.gen(function*() {
      const logs = yield* LogStore
      const attempt = anAttempt()
      const step = 45 * (headerBytes + maxPayloadBytes)
      for (let at = 0; at < long.length; at += step) {
        yield* logs.append(attempt, at, long.subarray(at, at + step))
      }
      yield* readsAnywhere(attempt, long)
      const all = [logs.seal(attempt), readsAnywhere(attempt, long), readsAnywhere(attempt, long)]
      yield* Effect.all(all, { concurrency: "unbounded" })
      yield* readsAnywhere(attempt, long)
      yield* holds(attempt, long)
    }), 30_000)

  it.effect("takes a long log in one go", () =>
    Effect.gen(function*() {
      const { attempt, logs } = yield* begun(long)
      yield* readsAnywhere(attempt, long)
      yield* logs.seal(attempt)
      yield* holds(attempt, long)
    }), 30_000)
}
