/** Amounts as people read them. */
import * as ByteSize from "effect/ByteSize"

export const size = (bytes: number): string =>
  ByteSize.format(ByteSize.bytes(bytes), { system: "decimal", precision: 1 })

/** `0.4s`, `12s`, `2m 30s`, `3h 5m`. */
export const duration = (millis: number): string => {
  if (millis < 9_950) return `${(millis / 1000).toFixed(1)}s`
  const seconds = Math.round(millis / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return `${hours}h ${minutes}m`
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`
