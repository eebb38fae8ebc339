/** CSV and TSV with a line of names at its head. */
import type { CsvError } from "csv-parse/sync"
import * as Result from "effect/Result"
import type { Malformed, Rows } from "./Rows.ts"

type Parsed = ReadonlyArray<ReadonlyArray<string>>

const wrongNames = (names: ReadonlyArray<string>): string | null => {
  if (names.some((name) => name === "")) return "a column has no name"
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  return twice === undefined ? null : `two columns are named ${twice}`
}

/** Its own words for what is mostly wrong, the parser's for the rest, without the line they may end in. */
const said = ({ message }: CsvError): string => {
  const [, expected, found] = /expect (\d+), got (\d+)/.exec(message) ?? []
  if (expected !== undefined) return `it has ${found} fields, the line of names has ${expected}`
  return message.replace(/ (?:at|on) line \d+/, "").replace(/^[^:]*/, (title) => title.toLowerCase())
}

const parsed = async (text: string, delimiter: string): Promise<Result.Result<Parsed, Malformed>> => {
  const { CsvError, parse } = await import("csv-parse/sync")
  try {
    // Quotes inside a field of a TSV are mostly meant as such.
    return Result.succeed(parse(text, { delimiter, skip_empty_lines: true, relax_quotes: delimiter === "\t" }))
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    return Result.fail({ line: Number(cause["lines"] ?? 1), detail: said(cause) })
  }
}

export const table = async (text: string, delimiter: "," | "\t"): Promise<Result.Result<Rows, Malformed>> =>
  Result.flatMap(await parsed(text, delimiter), ([head = [], ...rows]) => {
    const columns = head.map((name) => name.trim())
    const wrong = wrongNames(columns)
    return wrong === null ? Result.succeed({ columns, rows }) : Result.fail({ line: 1, detail: wrong })
  })
