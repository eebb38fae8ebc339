/** What the tests of stores of logs are made of. */
import { assert, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { executionId } from "../../domain/Id.ts"
import { encode, maxPayloadBytes } from "../../domain/LogFrame.ts"
import type { Attempt } from "../../ports/ExecutionStore.ts"
import { LogStore } from "../../ports/LogStore.ts"

export interface Options<E> {
  readonly layer: Layer.Layer<LogStore, E>
}

export type It = Vitest.MethodsNonLive<LogStore>

/** Frames of `payload` bytes each, of both streams in turn; no two alike. */
export const frames = (count: number, payload: number, firstSeq = 0): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, index) => {
    const seq = firstSeq + index
    const bytes = new Uint8Array(payload).fill(seq * 31 % 251)
    const stream = seq % 2 === 0 ? "stdout" : "stderr"
    const offset = Math.floor(seq / 2) * payload
    return encode({ stream, seq, time: 1_700_000_000_000_000 + seq, offset, bytes })
  }))

export const anAttempt = (): Attempt => ({ execution: executionId(Date.now()), fence: 1 })

/** More than one piece of any store that keeps logs in pieces, and no multiple of one. */
export const long = frames(270, maxPayloadBytes)

export const same = (actual: Uint8Array, expected: Uint8Array, what: string): void =>
  assert.isTrue(Buffer.compare(actual, expected) === 0, what)

/** The log is these bytes, by its length and read at once. */
export const holds = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array) {
  const logs = yield* LogStore
  assert.strictEqual(yield* logs.length(attempt), log.length)
  same(yield* logs.read(attempt, 0, log.length + 100), log, "other bytes")
})

export const begun = Effect.fnUntraced(function*(log: Uint8Array) {
  const logs = yield* LogStore
  const attempt = anAttempt()
  assert.strictEqual(yield* logs.append(attempt, 0, log), log.length)
  return { logs, attempt }
})

/** Refused because the log ends elsewhere, and told where; nothing is changed by it. */
export const misplaced = Effect.fnUntraced(function*(attempt: Attempt, offset: number, bytes: Uint8Array, log: Uint8Array) {
  const error = yield* LogStore.use((logs) => Effect.flip(logs.append(attempt, offset, bytes)))
  assert.deepStrictEqual([error._tag, "length" in error && error.length], ["OffsetMismatch", log.length])
  yield* holds(attempt, log)
})

export const malformed = Effect.fnUntraced(function*(attempt: Attempt, log: Uint8Array, bytes: Uint8Array, at: number) {
  const error = yield* LogStore.use((logs) => Effect.flip(logs.append(attempt, log.length, bytes)))
  assert.deepStrictEqual([error._tag, "at" in error && error.at], ["MalformedLog", at])
  yield* holds(attempt, log)
})
