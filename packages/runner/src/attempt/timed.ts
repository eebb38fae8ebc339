import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

export const millisSince = (began: bigint, now: bigint): number => Number((now - began) / 1_000_000n)

/** The result, and how many milliseconds it took. */
export const timed = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const began = yield* Clock.monotonicTimeNanos
  const result = yield* effect
  return [result, millisSince(began, yield* Clock.monotonicTimeNanos)] as const
})
