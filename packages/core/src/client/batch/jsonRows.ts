/** A JSON object a line; its keys are the columns. */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type { Malformed, Rows } from "./Rows.ts"

declare global {
  interface JSON {
    // Not in TypeScript's library yet; every Node that runs this has it.
    readonly rawJSON: (text: string) => unknown
  }
}

/** Numbers stay as they are written: the ids of many systems are too long for a number of JavaScript. */
const asWritten = (_key: string, value: unknown, context?: { readonly source: string }): unknown =>
  typeof value === "number" && context !== undefined ? JSON.rawJSON(context.source) : value

const written = (value: unknown): string | null => {
  try {
    return JSON.stringify(value) ?? null
  } catch {
    return null
  }
}

/** Null for what can't be written; a program's rows may hold anything. */
const textOf = (value: unknown): string | null => {
  if (value === null || value === undefined) return ""
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (typeof value === "object") return written(value)
  return typeof value === "function" || typeof value === "symbol" ? null : String(value)
}

const parse = (line: string): Result.Result<Readonly<Record<string, unknown>>, string> => {
  try {
    const value: unknown = JSON.parse(line, asWritten)
    return Predicate.isReadonlyObject(value) && !Array.isArray(value) ? Result.succeed(value) : Result.fail("it is no JSON object")
  } catch {
    return Result.fail("it is no JSON")
  }
}

interface Row {
  /** From 1. */
  readonly line: number
  readonly row: Readonly<Record<string, unknown>>
}

/** Columns are the keys of the first row; what others have besides is no column, what they lack is refused. */
export const rowsOf = (all: ReadonlyArray<Row>): Result.Result<Rows, Malformed> => {
  const columns = Object.keys(all[0]?.row ?? {})
  const rows: Array<ReadonlyArray<string>> = []
  for (const { line, row } of all) {
    const texts: Array<string> = []
    for (const name of columns) {
      if (!Object.hasOwn(row, name)) return Result.fail({ line, detail: `it has no ${name}` })
      const text = textOf(row[name])
      if (text === null) return Result.fail({ line, detail: `its ${name} can't be written as text` })
      texts.push(text)
    }
    rows.push(texts)
  }
  return Result.succeed({ columns, rows })
}

export const jsonRows = (text: string): Result.Result<Rows, Malformed> => {
  const all: Array<Row> = []
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    const parsed = parse(line)
    if (Result.isFailure(parsed)) return Result.fail({ line: index + 1, detail: parsed.failure })
    all.push({ line: index + 1, row: parsed.success })
  }
  return rowsOf(all)
}
