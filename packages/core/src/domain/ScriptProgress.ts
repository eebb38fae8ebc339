/**
 * How far a script is, told by its own output: ffmpeg's times, epochs, counts as tqdm and others have them, percent signs.
 * Else by how long it took before. Pure: text goes in as it comes, cut anywhere; nothing here throws.
 */

/** What a line can tell, the surest first: a surer kind, once seen, is not given up for another. */
type Kind = "time" | "epoch" | "count" | "percent"

const rank: Readonly<Record<Kind, number>> = { time: 3, epoch: 2, count: 1, percent: 0 }

export interface Progress {
  readonly kind: Kind | null
  /** From 0 to 1; null while nothing told it. */
  readonly fraction: number | null
  /** ffmpeg's length of its input, seconds. */
  readonly length: number
  /** The epoch before the running one, and how many there are; counts within an epoch are shares of it. */
  readonly epochs: { readonly done: number; readonly of: number } | null
  /** The line that has not ended yet. */
  readonly open: string
}

export const unknown: Progress = { kind: null, fraction: null, length: 0, epochs: null, open: "" }

/** Longer lines tell nothing: they are data. */
const longest = 2000

const clock = (match: RegExpExecArray): number => Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])

const duration = /\bDuration: (\d{1,4}):(\d\d):(\d\d(?:\.\d{1,6})?)/
const time = /\btime=\s*(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,6})?)/
const epoch = /\bepoch[: ]{0,2}\[?\s?(\d{1,9})\s?(?:\/|of)\s?(\d{1,9})\b/i
// Neither dates nor fractions of something else: alone between spaces or brackets, the first no more than the second.
const count = /(?:^|[\s|[(])(\d{1,12})\s?(?:\/|\sof\s)\s?(\d{1,12})(?=$|[\s\]),:;])/
const percent = /(?:^|[^\d.\w])(\d{1,3}(?:\.\d{1,6})?)\s?%(?!\w)/

const share = (part: number, whole: number): number | null =>
  whole > 0 && part >= 0 && part <= whole ? part / whole : null

interface Reading {
  readonly kind: Kind
  readonly fraction: number
}

const reading = (kind: Kind, fraction: number | null): Reading | null => (fraction === null ? null : { kind, fraction })

const pair = (pattern: RegExp, line: string): readonly [number, number] | null => {
  const match = pattern.exec(line)
  return match === null ? null : [Number(match[1]), Number(match[2])]
}

/** Within an epoch counts and percents are of that epoch. */
const within = ({ epochs }: Progress, found: Reading): Reading =>
  epochs === null ? found : { kind: "epoch", fraction: (epochs.done + found.fraction) / epochs.of }

const read = (progress: Progress, line: string): Reading | null => {
  const at = time.exec(line)
  if (at !== null && progress.length > 0) return reading("time", Math.min(1, clock(at) / progress.length))
  const counted = pair(count, line)
  const fraction = counted === null || counted[1] < 2 ? null : share(...counted)
  if (fraction !== null) return within(progress, { kind: "count", fraction })
  const percents = percent.exec(line)
  const told = percents === null ? null : share(Number(percents[1]), 100)
  return told === null ? null : within(progress, { kind: "percent", fraction: told })
}

/** `Epoch 3/10` is the beginning of the third. */
const beginEpoch = (progress: Progress, line: string): Progress => {
  const told = pair(epoch, line)
  if (told === null || told[1] < 1 || told[0] > told[1]) return progress
  const epochs = { done: Math.max(0, told[0] - 1), of: told[1] }
  return take({ ...progress, epochs }, { kind: "epoch", fraction: epochs.done / epochs.of })
}

const take = (progress: Progress, found: Reading | null): Progress =>
  found === null || (progress.kind !== null && rank[found.kind] < rank[progress.kind]) ? progress : { ...progress, ...found }

const takeLine = (progress: Progress, line: string): Progress => {
  if (line.length > longest) return progress
  const length = duration.exec(line)
  if (length !== null) return { ...progress, length: clock(length) }
  if (epoch.test(line)) return beginEpoch(progress, line)
  return take(progress, read(progress, line))
}

/** Bars are redrawn with carriage returns: what stands before one counts as a line. */
export const feed = (progress: Progress, text: string): Progress => {
  const lines = (progress.open + text).split(/[\r\n]+/)
  const open = lines.pop() ?? ""
  const now = lines.reduce(takeLine, progress)
  // Only as much of an endless line is kept as shows that it is too long.
  return { ...now, open: open.slice(0, longest + 1) }
}

/** What is known, with the line that has not ended: a bar that is still being drawn. */
export const fractionOf = (progress: Progress): number | null => takeLine(progress, progress.open).fraction

export interface Estimate {
  /** Whole, from 0 to 100; null when nothing tells it. */
  readonly percent: number | null
  /** Null when nothing tells it, or when it takes longer than it ever did. */
  readonly leftMillis: number | null
  readonly source: "output" | "history" | null
}

/** `usualMillis`: how long the script took before; null where there is no before. */
export const estimate = (fraction: number | null, elapsedMillis: number, usualMillis: number | null): Estimate => {
  const elapsed = Math.max(0, elapsedMillis)
  if (fraction !== null) {
    const left = fraction > 0 ? Math.round(elapsed * (1 - fraction) / fraction) : null
    return { percent: Math.floor(fraction * 100), leftMillis: left, source: "output" }
  }
  if (usualMillis === null || usualMillis <= 0) return { percent: null, leftMillis: null, source: null }
  // What goes on is not done, whatever it took before.
  const percent = Math.min(99, Math.floor((elapsed / usualMillis) * 100))
  return { percent, leftMillis: elapsed < usualMillis ? Math.round(usualMillis - elapsed) : null, source: "history" }
}
