/** The exception that ended a Python script, from its traceback. */
import { isLibrary } from "./libraries.ts"
import type { Thrown } from "./Thrown.ts"

const opening = /^Traceback \(most recent call last\):$/
const frame = /^ {2}File "([^"]+)", line (\d{1,9})/
const error = /^([A-Za-z_][\w.]{0,200})(?:: (.*))?$/
/** Without a traceback of their own. */
const syntax = /^((?:Syntax|Indentation|Tab)Error)(?:: (.*))?$/

/** What may follow an exception without being another reason: ignored ones, a farewell. */
const mostBehind = 20

const frameAbove = (lines: ReadonlyArray<string>, from: number, until: number) => {
  const frames = lines.slice(from, until).flatMap((each) => {
    const match = frame.exec(each)
    return match === null ? [] : [{ file: match[1]!, line: Number(match[2]) }]
  })
  return frames.findLast(({ file }) => !isLibrary(file)) ?? frames.at(-1) ?? { file: null, line: null }
}

const thrown = (lines: ReadonlyArray<string>, from: number, at: number, match: RegExpExecArray): Thrown => ({
  language: "python",
  type: match[1]!,
  message: match[2] ?? "",
  root: lines[at]!,
  ...frameAbove(lines, from, at),
  rest: lines.slice(at)
})

const fromTraceback = (lines: ReadonlyArray<string>): Thrown | null => {
  for (let from = lines.length - 1; from >= 0; from--) {
    if (!opening.test(lines[from]!) || lines[from - 1]?.startsWith("Exception ignored in") === true) continue
    const at = lines.findIndex((each, index) => index > from && /^\S/.test(each))
    const match = at < 0 ? null : error.exec(lines[at]!)
    const behind = lines.slice(at + 1).filter((each) => each !== "").length
    return match === null || behind > mostBehind ? null : thrown(lines, from, at, match)
  }
  return null
}

const fromSyntax = (lines: ReadonlyArray<string>): Thrown | null => {
  const at = lines.findLastIndex((each) => syntax.test(each))
  const match = at < 0 ? null : syntax.exec(lines[at]!)
  return match === null ? null : thrown(lines, Math.max(0, at - 10), at, match)
}

export const pythonError = (lines: ReadonlyArray<string>): Thrown | null =>
  fromTraceback(lines) ?? (lines.some((each) => frame.test(each)) ? fromSyntax(lines) : null)
