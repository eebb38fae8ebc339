/** Sizes, durations and times as people read them. */
import * as ByteSize from "effect/ByteSize"
import * as DateTime from "effect/DateTime"
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

/** `2m ago`. */
export const ago = (then: DateTime.DateTime, now: number): string => {
  const seconds = Math.floor((now - DateTime.toEpochMillis(then)) / 1000)
  if (seconds < 5) return "just now"
  return `${Duration.format(Duration.seconds(seconds)).split(" ", 1)[0]} ago`
}

/** `2026-11-21 05:38:14`, in this machine's time zone. */
export const instant = (time: DateTime.DateTime): string => {
  const local = DateTime.toDate(time)
  const two = (part: number) => String(part).padStart(2, "0")
  const date = [local.getFullYear(), two(local.getMonth() + 1), two(local.getDate())].join("-")
  return `${date} ${[local.getHours(), local.getMinutes(), local.getSeconds()].map(two).join(":")}`
}

/** Seconds as a position: `[00:05]`, `[1:02:03]`. */
export const position = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  const two = (part: number) => String(part).padStart(2, "0")
  const hours = Math.floor(seconds / 3600)
  return `[${hours > 0 ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}]`
}

/** `3 files`, `1 file`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`

export { plain } from "rgrid/domain/plain"
