/** Sizes, durations and times as people read them. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"

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

export { count, duration, size } from "rgrid/client/amounts"
export { plain } from "rgrid/domain/plain"
