/**
 * Money in whole micros (1 EUR = 1,000,000), never in fractions. What an attempt costs is its slot's time times the
 * worker's hourly price over its slots, rounded once, half up: an error of half a micro an attempt at most.
 */
import * as Schema from "effect/Schema"

export const microsPerEuro = 1_000_000

/** Sums of these stay exact: an hour for 100,000 EUR, for a hundred years, is below 2^53. */
export const Micros = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({ identifier: "Micros" })

/** What an hour of a worker costs, and among how many slots that is shared. */
export const WorkerPrice = Schema.Struct({
  hourlyMicros: Micros,
  slots: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
}).annotate({ identifier: "WorkerPrice" })
export type WorkerPrice = typeof WorkerPrice.Type

const microsecondsPerHour = 3_600_000_000n

/** Exact in integers of any size: `round(microseconds × hourly / (3600 s × slots))`, half up. */
export const costOf = (microseconds: number, { hourlyMicros, slots }: WorkerPrice): number => {
  const divisor = microsecondsPerHour * BigInt(slots)
  const dividend = BigInt(Math.max(0, Math.round(microseconds))) * BigInt(hourlyMicros)
  return Number((2n * dividend + divisor) / (2n * divisor))
}

/** `0.0119` is 11,900 micros; null for what is no amount, has more than six decimals or is above 100,000 EUR. */
export const parseEuros = (text: string): number | null => {
  const match = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text.trim())
  if (match === null) return null
  const micros = Number(match[1]) * microsPerEuro + Number((match[2] ?? "").padEnd(6, "0"))
  return micros <= 100_000 * microsPerEuro ? micros : null
}

/** `€2.47`, to the cent; below a cent all digits that are there: `€0.000033`. */
export const euros = (micros: number): string => {
  const small = micros > 0 && micros < 10_000
  const whole = small ? micros : Math.floor((micros + 5_000) / 10_000) * 10_000
  const digits = String(whole % microsPerEuro).padStart(6, "0")
  return `€${Math.floor(whole / microsPerEuro)}.${small ? digits.replace(/0+$/, "") : digits.slice(0, 2)}`
}
