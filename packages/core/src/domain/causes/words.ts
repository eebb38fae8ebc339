/** A script's last words as the recognisers read them. */
import { longestLine } from "./Cause.ts"
import { nodeError } from "./nodeError.ts"
import { pythonError } from "./pythonError.ts"
import type { Thrown } from "./Thrown.ts"

/** What recognising may know beside the words. */
export interface Circumstances {
  readonly exitCode: number | null
  readonly signal: number | null
  readonly runtime: string
  readonly script: string
  /** Paths of the files that travelled. */
  readonly files: ReadonlyArray<string>
  readonly network: "open" | "none"
  /** Absent: as the grid has it. */
  readonly memoryBytes: number | undefined
}

export interface Words {
  /** From the end towards the beginning, without empty ones; not many. */
  readonly lastLines: ReadonlyArray<string>
  readonly thrown: Thrown | null
  readonly about: Circumstances
}

/** Longer lines are no messages; reading them to their end costs time and tells nothing. */
const mostOfALine = 2000

/** Further up stand words about something else. */
const linesOfAShell = 10

/** Well formed, without the zero byte and of bounded length: every database and every JSON takes it. */
export const line = (text: string): string => text.replaceAll("\0", "\uFFFD").slice(0, longestLine).toWellFormed()

export const wordsOf = (tail: string, about: Circumstances): Words => {
  const lines = tail.split("\n").map((each) => each.slice(0, mostOfALine).trimEnd())
  const lastLines = lines.filter((each) => each !== "").slice(-linesOfAShell).toReversed()
  return { lastLines, thrown: pythonError(lines) ?? nodeError(lines), about }
}

/** The first match from the end on. */
export const lastMatch = ({ lastLines }: Words, pattern: RegExp): RegExpExecArray | null => {
  for (const each of lastLines) {
    const match = pattern.exec(each)
    if (match !== null) return match
  }
  return null
}
