/** Says that the connection is lost while calls are repeated: several at a time lose it together, and it is said once. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Retry } from "rgrid/client/patience"

/** Longer than the longest wait between two tries: what comes later is another loss. */
const oneLossMillis = 10_000

export const lost = ({ of, try: number }: Retry): string => `Connection lost. Retrying… (${number}/${of})`

export const makeTeller = (say: (line: string) => Effect.Effect<void>) => {
  let told = 0
  let at = Number.NEGATIVE_INFINITY
  return (retry: Retry): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const isKnown = now - at < oneLossMillis && retry.try <= told
      if (isKnown) return Effect.void
      told = retry.try
      at = now
      return say(lost(retry))
    })
}
