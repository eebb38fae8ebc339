/** Arguments with an item's place in them, in the words of GNU parallel: `{} {.} {/} {//} {/.} {#}`, and `{column}`. */
import * as Result from "effect/Result"
import { nearest } from "../../domain/nearest.ts"
import { ReplacementUnknown } from "../errors.ts"
import type { Given } from "./Given.ts"

interface Filling extends Given {
  /** From 1. */
  readonly position: number
}

type Part = string | ((item: Filling) => string)

export interface Template {
  /** Arguments that are the same for all items. */
  readonly fixed: ReadonlyArray<string>
  readonly filled: (item: Filling) => { readonly args: ReadonlyArray<string>; readonly varying: ReadonlyArray<string> }
  /** Columns that arguments name. */
  readonly used: ReadonlyArray<string>
}

const lastName = (path: string): string => path.replace(/\/+$/, "").split("/").at(-1) ?? ""

const parent = (path: string): string => {
  const cut = path.replace(/\/+$/, "").lastIndexOf("/")
  return cut < 0 ? "." : cut === 0 ? "/" : path.slice(0, cut)
}

/** A name that begins with a dot has no ending by that dot. */
const withoutEnding = (path: string): string => path.replace(/(?<=[^/])\.[^./]*$/, "")

const forms = new Map<string, (value: string) => string>([
  ["", (value) => value],
  [".", withoutEnding],
  ["/", lastName],
  ["//", parent],
  ["/.", (value) => withoutEnding(lastName(value))]
])

const position = ({ position }: Filling): string => String(position)

/** What `{text}` stands for among lines; null: nothing, and it stays. */
const ofValue = (text: string): Part | null => {
  const form = forms.get(text)
  if (form !== undefined) return ({ value }) => form(value)
  return text === "#" ? position : null
}

interface Columns {
  readonly names: ReadonlyArray<string>
  readonly used: Set<string>
}

const ending = /(?:\.|\/\/|\/\.|\/)$/

/** `{name}`, and `{name/.}` as GNU parallel has `{1/.}`. */
const ofColumn = (text: string, { names, used }: Columns): Part | null => {
  if (text === "#" && !names.includes(text)) return position
  const form = names.includes(text) ? "" : ending.exec(text)?.[0] ?? ""
  const name = text.slice(0, text.length - form.length)
  if (!names.includes(name)) return null
  used.add(name)
  const change = forms.get(form)!
  return ({ columns }) => change(columns?.get(name) ?? "")
}

/** Whether somebody meant a column: `{}` and words. JSON and regular expressions have braces too. */
const isName = (text: string): boolean => forms.has(text) || /^[\p{L}_][\p{L}\p{N}_ ./-]*$/u.test(text)

const braces = /\{([^{}]*)\}/g

const partsOf = (argument: string, standsFor: (text: string) => Part | null): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  let end = 0
  for (const match of argument.matchAll(braces)) {
    const part = standsFor(match[1]!)
    if (part === null) continue
    parts.push(argument.slice(end, match.index), part)
    end = match.index + match[0].length
  }
  return [...parts, argument.slice(end)]
}

const compile = (args: ReadonlyArray<string>, standsFor: (text: string) => Part | null) => {
  const all = args.map((argument) => ({ argument, parts: partsOf(argument, standsFor) }))
  const fixed = all.filter(({ parts }) => parts.length === 1).map(({ argument }) => argument)
  const filled = (item: Filling) => {
    const args = all.map(({ parts }) => parts.map((part) => typeof part === "string" ? part : part(item)).join(""))
    return { args, varying: args.filter((_, index) => all[index]!.parts.length > 1) }
  }
  return { fixed, filled, varies: fixed.length < args.length }
}

const ofLines = (args: ReadonlyArray<string>): Template => {
  const { varies, ...template } = compile(args, ofValue)
  return { ...(varies ? template : compile([...args, "{}"], ofValue)), used: [] }
}

const unknown = (column: string | null, known: ReadonlyArray<string>) =>
  Result.fail(new ReplacementUnknown({ column, nearest: column === null ? null : nearest(column, known), known }))

/** Without a place for the item it is the last argument; which column would be can't be told. */
export const template = (
  args: ReadonlyArray<string>,
  columns: ReadonlyArray<string> | null
): Result.Result<Template, ReplacementUnknown> => {
  if (columns === null) return Result.succeed(ofLines(args))
  const used = new Set<string>()
  const strangers: Array<string> = []
  const { filled, fixed, varies } = compile(args, (text) => {
    const part = ofColumn(text, { names: columns, used })
    if (part === null && isName(text)) strangers.push(text)
    return part
  })
  if (strangers.length > 0) return unknown(strangers[0]!, columns)
  if (!varies) return unknown(null, columns)
  return Result.succeed({ fixed, filled, used: [...used] })
}
