/** How long items take, as far as those that ended and those that run still can tell. */

export interface Durations {
  /** Ascending, with the share of items that take so long or less. */
  readonly steps: ReadonlyArray<{ readonly millis: number; readonly upTo: number }>
  /** Longest that was seen, of what runs too. */
  readonly longest: number
}

/** Of items that take longer than any that ended: how much longer than the longest that was seen. */
const beyond = 1.5

/** Kaplan and Meier's estimate: `running` are known to take longer than this, not how long. */
export const durationsOf = (took: ReadonlyArray<number>, running: ReadonlyArray<number>): Durations => {
  const ended = [...took].sort((a, b) => a - b)
  const open = [...running].sort((a, b) => a - b)
  const steps: Array<{ millis: number; upTo: number }> = []
  let longer = 1
  let shorterOpen = 0
  ended.forEach((millis, i) => {
    while (shorterOpen < open.length && open[shorterOpen]! < millis) shorterOpen++
    const atRisk = ended.length - i + open.length - shorterOpen
    longer *= 1 - 1 / atRisk
    steps.push({ millis, upTo: 1 - longer })
  })
  return { steps, longest: Math.max(ended.at(-1) ?? 0, open.at(-1) ?? 0) }
}

/** What an item takes that is longer than this share of all items. */
export const drawn = ({ longest, steps }: Durations, share: number): number => {
  let low = 0
  for (let high = steps.length; low < high;) {
    const middle = (low + high) >> 1
    if (steps[middle]!.upTo > share) high = middle
    else low = middle + 1
  }
  return steps[low]?.millis ?? longest * beyond
}

/** Share of items that take no longer. */
const shareUpTo = ({ steps }: Durations, millis: number): number =>
  steps.findLast((step) => step.millis <= millis)?.upTo ?? 0

const negligible = 1e-9

/** What is left of one that has been running so long; `share` as above, of those that take longer than that. */
export const leftOf = (durations: Durations, since: number, share: number): number => {
  const over = shareUpTo(durations, since)
  // Longer than any: nothing tells but its own time, and up to as long again is as good a guess as there is.
  if (1 - over < negligible) return since * share
  return Math.max(0, drawn(durations, over + share * (1 - over)) - since)
}

export const meanOf = ({ longest, steps }: Durations): number => {
  const known = steps.reduce((sum, { millis, upTo }, i) => sum + millis * (upTo - (steps[i - 1]?.upTo ?? 0)), 0)
  return known + (1 - (steps.at(-1)?.upTo ?? 0)) * longest * beyond
}
