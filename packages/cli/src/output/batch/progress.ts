/** How far a batch is, in words: the same on a terminal, in a log and in the last line. */
import * as DateTime from "effect/DateTime"
import { type Batch, type Tally, tally } from "rgrid/domain/Batch"
import type { Eta } from "rgrid/domain/Eta"
import type { Execution } from "rgrid/domain/Execution"
import { euros } from "rgrid/domain/Money"
import { costSoFar } from "../cost.ts"
import { duration } from "../format.ts"

/** A tenth of a second that changes with every second tells nobody anything. */
export const whole = (millis: number): string =>
  millis < 10_000 ? `${Math.max(0, Math.floor(millis / 1000))}s` : duration(Math.floor(millis / 1000) * 1000)

const parts = ({ canceled, failed, running, waiting }: Tally): ReadonlyArray<string> => [
  ...(failed > 0 ? [`${failed} failed`] : []),
  ...(canceled > 0 ? [`${canceled} canceled`] : []),
  ...(running > 0 ? [`${running} running`] : []),
  ...(waiting > 0 ? [`${waiting} queued`] : [])
]

const bracketed = (words: ReadonlyArray<string>): string => words.length === 0 ? "" : ` (${words.join(", ")})`

/** `45/100 complete (3 failed, 10 running, 42 queued)`, then the same in fewer and fewer words. */
export const countWords = ({ counts, skipped, total }: Batch): ReadonlyArray<string> => {
  const counted = tally(counts)
  const all = parts(counted)
  const left = skipped > 0 ? [`${skipped} done before`] : []
  const head = `${counted.completed}/${total}`
  return [
    `${head} complete${bracketed([...all, ...left])}`,
    `${head} complete${bracketed(all)}`,
    `${head} complete${bracketed(all.slice(0, 2))}`,
    `${head}${bracketed(all.slice(0, 1))}`,
    head
  ]
}

/** Share of the items that came to an end, from 0 to 1. */
export const fractionOf = ({ counts, total }: Batch): number => {
  const { canceled, completed, failed } = tally(counts)
  return total === 0 ? 1 : (completed + failed + canceled) / total
}

/** Seconds of a guess of minutes are noise. */
const rounded = (millis: number): number => {
  const step = millis < 60_000 ? 1000 : millis < 600_000 ? 5000 : 60_000
  return Math.max(1000, Math.round(millis / step) * step)
}

/** Twice as long, and not by a few seconds: then one time alone would promise what nobody knows. */
const isWide = ({ high, low }: Eta): boolean => high > 2 * low && high - low > 30_000

/** `3m 15s`, or `2m to 5m` while much is open. */
export const etaWords = (eta: Eta): string =>
  isWide(eta) ? `${whole(rounded(eta.low))} to ${whole(rounded(eta.high))}` : whole(rounded(eta.likely))

export const durationOf = ({ createdAt, endedAt }: Batch, now: number): number =>
  Math.max(0, (endedAt === null ? now : DateTime.toEpochMillis(endedAt)) - DateTime.toEpochMillis(createdAt))

/** With what the running items have cost up to now; null where nothing has a price. */
export const costWords = ({ cost }: Batch, active: ReadonlyArray<Execution>, now: number): string | null => {
  if (!cost.isPriced) return null
  return euros(active.reduce((sum, one) => sum + costSoFar(one, now) - one.cost.micros, cost.micros))
}

export interface Times {
  readonly batch: Batch
  readonly active: ReadonlyArray<Execution>
  readonly eta: Eta | null
  readonly now: number
}

/** `Duration: 2m 30s · ETA: 3m 15s · Cost: €0.90`, then shorter ones. */
export const timeWords = ({ active, batch, eta, now }: Times): ReadonlyArray<string> => {
  const took = whole(durationOf(batch, now))
  const left = eta === null || batch.endedAt !== null ? [] : [`ETA: ${etaWords(eta)}`]
  const cost = costWords(batch, active, now)
  const priced = cost === null ? [] : [cost]
  const joined = (words: ReadonlyArray<string>) => words.join(" · ")
  return [
    joined([`Duration: ${took}`, ...left, ...priced.map((euro) => `Cost: ${euro}`)]),
    joined([took, ...left, ...priced]),
    joined([took, ...left]),
    left[0] ?? took
  ]
}
