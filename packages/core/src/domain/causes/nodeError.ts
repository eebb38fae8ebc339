/** The error that ended a Node script: what stands between the marked source and Node's version. */
import { isLibrary } from "./libraries.ts"
import type { Thrown } from "./Thrown.ts"

const version = /^Node\.js v\d/
const marker = /^\s*\^+$/
const head = /^(?:Uncaught:? )?([A-Za-z_$][\w$.]{0,200})(?: \[(\w{1,100})\])?(?:: (.*))?$/
const source = /^(.{1,1000}):(\d{1,9})$/
const frame = /^ {4}at (?:.{0,500} \()?([^()]{1,1000}):(\d{1,9}):\d{1,9}\)?$/

/** A stack, an inner cause and the error's own fields are not longer. */
const mostLines = 200

const place = (file: string, line: string) => ({ file: file.replace(/^file:\/\//, ""), line: Number(line) })

const isOurs = (match: RegExpExecArray | null): match is RegExpExecArray =>
  match !== null && !isLibrary(match[1]!)

/** Above the source where the parser stopped, else of the frame nearest to the error. */
const placeOf = (lines: ReadonlyArray<string>, marked: number, until: number) => {
  const above = lines.slice(Math.max(0, marked - 5), marked).map((each) => source.exec(each)).findLast(isOurs)
  if (above !== undefined) return place(above[1]!, above[2]!)
  const inStack = lines.slice(marked, until).map((each) => frame.exec(each)).find(isOurs)
  return inStack === undefined ? { file: null, line: null } : place(inStack[1]!, inStack[2]!)
}

/** Anything can be thrown; only an error has a message or a stack. */
const isNamed = (lines: ReadonlyArray<string>, at: number): boolean =>
  lines[at]!.includes(": ") || lines[at + 1]?.startsWith("    at ") === true

export const nodeError = (lines: ReadonlyArray<string>): Thrown | null => {
  const until = lines.findLastIndex((each) => version.test(each))
  if (until < 0) return null
  const from = Math.max(0, until - mostLines)
  const marked = from + lines.slice(from, until).findIndex((each) => marker.test(each))
  const at = lines.findIndex((each, index) => index > marked && each.trim() !== "")
  if (marked < from || at < 0 || at >= until) return null
  const match = isNamed(lines, at) ? head.exec(lines[at]!) : null
  return {
    language: "node",
    type: match?.[1] ?? "Error",
    message: match === null ? lines[at]! : match[3] ?? "",
    root: lines[at]!,
    ...placeOf(lines, marked, until),
    rest: lines.slice(at, until)
  }
}
