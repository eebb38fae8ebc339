/**
 * When a batch will have ended, from how long its items took so far. What runs still counts as "at least so long"
 * (Kaplan and Meier's estimate): the first to end are the short ones, and taking them for all would promise too much. The
 * rest of the batch is then played a few times with items drawn from that. Pure: the same numbers give the same answer.
 */
import { drawn, type Durations, durationsOf, leftOf, meanOf } from "./Durations.ts"

export interface Pace {
  /** Milliseconds that ended items took, the newest last; some hundred are enough. */
  readonly took: ReadonlyArray<number>
  /** Milliseconds that those which run now have been running. */
  readonly running: ReadonlyArray<number>
  /** Items that have not begun. */
  readonly waiting: number
  /** Items at a time. */
  readonly places: number
  /** Milliseconds from one end to the next, lately, over all places; null while nobody knows. */
  readonly between: number | null
}

/** Milliseconds from now. One time in ten it is shorter than `low`, one in ten longer than `high`. */
export interface Eta {
  readonly low: number
  readonly likely: number
  readonly high: number
}

/** Fewer ended items tell nothing. */
const fewest = 3
/** More would tell of what the batch was long ago. */
const newest = 200
const games = 41

type Chance = () => number

/** Mulberry32: chance that is the same every time, so that what is shown does not flicker. */
const chanceFrom = (seed: number): Chance => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The smallest is first; lets what stands first sink to its place. */
const sink = (heap: Array<number>): void => {
  for (let at = 0;;) {
    const left = 2 * at + 1
    const child = left + 1 < heap.length && heap[left + 1]! < heap[left]! ? left + 1 : left
    if (child >= heap.length || heap[child]! >= heap[at]!) return
    const moved = heap[at]!
    heap[at] = heap[child]!
    heap[child] = moved
    at = child
  }
}

/** Another sample as it might have been seen: few items leave much open. */
const resampled = (took: ReadonlyArray<number>, chance: Chance): ReadonlyArray<number> =>
  took.map(() => took[Math.floor(chance() * took.length)]!)

/** How long until the last item has ended, when each takes its turn in the first place that is free. */
const play = (pace: Pace, durations: Durations, chance: Chance): number => {
  const { between, places, running, waiting } = pace
  const free = Array.from({ length: Math.max(0, places - running.length) }, () => 0)
  const ends = [...running.map((since) => leftOf(durations, since, chance())), ...free].sort((a, b) => a - b)
  const mean = meanOf(durations)
  // Between one item and the next a place is empty for a moment, which matters where items are short.
  const gap = between === null ? 0 : Math.max(0, between * ends.length - mean)
  // Only the last few rounds decide how the end frays; those before take what they take on average.
  const last = Math.min(waiting, 3 * ends.length + 50)
  const before = (waiting - last) * (mean + gap) / ends.length
  for (let item = 0; item < last; item++) {
    ends[0] = ends[0]! + gap + drawn(durations, chance())
    sink(ends)
  }
  return before + ends.reduce((latest, end) => Math.max(latest, end), 0)
}

/** Null until enough is known, and while nothing runs. */
export const eta = (pace: Pace): Eta | null => {
  if (pace.waiting === 0 && pace.running.length === 0) return { low: 0, likely: 0, high: 0 }
  if (pace.took.length < fewest || Math.max(pace.places, pace.running.length) === 0) return null
  const chance = chanceFrom(1)
  const took = pace.took.slice(-newest)
  const ends = Array.from(
    { length: games },
    () => play(pace, durationsOf(resampled(took, chance), pace.running), chance)
  ).sort((a, b) => a - b)
  const at = (share: number) => Math.round(ends[Math.round(share * (games - 1))]!)
  return { low: at(0.1), likely: at(0.5), high: at(0.9) }
}
