/** Which days a cost report is about, where they begin and end in the caller's time zone. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

/** One row of a report. Instants in milliseconds since 1970; `until` is not part of it. */
export interface Period {
  /** `2026-11-21`, or `2026-11` when it is a month. */
  readonly name: string
  readonly from: number
  readonly until: number
}

export interface Range {
  /** First and last day, `2026-11-21`. */
  readonly from: string
  readonly to: string
}

/** Ten years: more are no report. */
export const mostDays = 3660

const dayMillis = 86_400_000

const isDay = (text: string): boolean => {
  const millis = Date.parse(`${text}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(millis) && dayOf(millis) === text
}

const dayOf = (millis: number): string => new Date(millis).toISOString().slice(0, 10)

const shifted = (day: string, days: number): string => dayOf(Date.parse(`${day}T00:00:00Z`) + days * dayMillis)

/** The last `days` days, today being the last of them. */
export const lastDays = (days: number, zone: DateTime.TimeZone, now: number): Range => {
  const { day, month, year } = DateTime.toParts(DateTime.makeZonedUnsafe(now, { timeZone: zone }))
  const today = dayOf(Date.UTC(year, month - 1, day))
  return { from: shifted(today, 1 - days), to: today }
}

/** Null for what is no range: days that do not exist, the later one first, more than ten years. */
export const range = (from: string, to: string): Range | null => {
  if (!isDay(from) || !isDay(to)) return null
  const days = (Date.parse(to) - Date.parse(from)) / dayMillis + 1
  return days >= 1 && days <= mostDays ? { from, to } : null
}

/** Midnight there; where the clock is put forward over midnight, the first moment after it. */
const midnight = (day: string, zone: DateTime.TimeZone): number => {
  const [year, month, date] = day.split("-").map(Number)
  return DateTime.toEpochMillis(DateTime.makeZonedUnsafe({ year: year!, month: month!, day: date! }, {
    timeZone: zone,
    adjustForTimeZone: true
  }))
}

/** As a caller asks for one: the last `days` (7), or from `from` to `to`, which is today when it is left out. */
export interface RangeAsked {
  readonly timeZone?: string
  readonly days?: number
  readonly from?: string
  readonly to?: string
}

/** The days asked for, and where; or why they are none. */
export const rangeAsked = (
  { days = 7, from, timeZone = "UTC", to }: RangeAsked,
  now: number
): Result.Result<{ readonly asked: Range; readonly zone: DateTime.TimeZone }, string> => {
  const zone = DateTime.zoneMakeNamed(timeZone)
  if (Option.isNone(zone)) return Result.fail(`there is no time zone ${timeZone}`)
  if (days > mostDays) return Result.fail(`${days} days are more than ${mostDays}`)
  if (from === undefined && to !== undefined) return Result.fail("a last day needs a first one")
  const recent = lastDays(days, zone.value, now)
  const asked = from === undefined ? recent : range(from, to ?? recent.to)
  return asked === null
    ? Result.fail(`${from} to ${to ?? recent.to} is no range of days, or more than ${mostDays} of them`)
    : Result.succeed({ asked, zone: zone.value })
}

/** The range cut into days or months, oldest first: each begins where the one before ends. */
export const periods = ({ from, to }: Range, zone: DateTime.TimeZone, unit: "day" | "month"): ReadonlyArray<Period> => {
  const names = new Map<string, string>()
  for (let day = from; day <= to; day = shifted(day, 1)) {
    const name = unit === "day" ? day : day.slice(0, 7)
    if (!names.has(name)) names.set(name, day)
  }
  const starts = [...names].map(([name, day]) => ({ name, from: midnight(day, zone) }))
  const end = midnight(shifted(to, 1), zone)
  return starts.map((start, i) => ({ ...start, until: starts[i + 1]?.from ?? end }))
}
