/** Amounts as people read them. */
import * as ByteSize from "effect/ByteSize"
import * as Duration from "effect/Duration"

/** `1.2 MB`. */
export const size = (bytes: number): string =>
  ByteSize.format(ByteSize.bytes(bytes), { system: "decimal", precision: 1 })

/** `0.4s`, `12s`, `2m 30s`, `3d 4h`: as much as matters at that length. */
export const duration = (millis: number): string => {
  if (millis < 9_950) return `${(Math.max(0, millis) / 1000).toFixed(1)}s`
  const whole = Duration.format(Duration.seconds(Math.round(millis / 1000)))
  return whole.split(" ").slice(0, 2).join(" ")
}

/** `3 files`, `1 file`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`
