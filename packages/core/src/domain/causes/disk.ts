/** No room left where the script writes. */
import type { Cause } from "./Cause.ts"
import { lastMatch, line, type Words } from "./words.ts"

const full = /No space left on device|\bENOSPC\b|Disk quota exceeded|\bEDQUOT\b/

export const disk = (words: Words): Cause | null => {
  const { thrown } = words
  if (thrown !== null) return full.test(thrown.root) ? { _tag: "DiskFull", root: line(thrown.root) } : null
  const match = lastMatch(words, full)
  return match === null ? null : { _tag: "DiskFull", root: line(match.input) }
}
