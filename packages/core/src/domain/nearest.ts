/** The candidate that was probably meant, or none: at most a third of its letters differ, and no more than `most`. */
export const nearest = (typed: string, candidates: Iterable<string>, most = Infinity): string | null => {
  let best: string | null = null
  let least = Math.min(most, Math.max(1, Math.floor(typed.length / 3))) + 1
  for (const candidate of candidates) {
    const apart = distance(typed.toLowerCase(), candidate.toLowerCase())
    if (apart < least) {
      best = candidate
      least = apart
    }
  }
  return best
}

/** Levenshtein's distance, two rows at a time. */
export const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
