/** The items that a file lists: one a line, or rows with named columns. Its format is told by its ending. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { readFile } from "node:fs/promises"
import { extname, resolve } from "node:path"
import { mostItems } from "../../domain/Batch.ts"
import { BatchEmpty, BatchListRefused, BatchTooLarge } from "../errors.ts"
import type { Given, List } from "./Given.ts"
import { jsonRows, rowsOf } from "./jsonRows.ts"
import type { Malformed, Rows } from "./Rows.ts"
import { table } from "./table.ts"

const formats = new Map<string, (text: string) => Promise<Result.Result<Rows, Malformed>>>([
  [".csv", (text) => table(text, ",")],
  [".tsv", (text) => table(text, "\t")],
  [".jsonl", (text) => Promise.resolve(jsonRows(text))],
  [".ndjson", (text) => Promise.resolve(jsonRows(text))]
])

/** As `find -print0` gives them, or by line. */
const lines = (text: string): ReadonlyArray<string> =>
  text.includes("\0") ? text.split("\0").filter((line) => line !== "") : text.split(/\r?\n/).filter((line) => line.trim() !== "")

const ofRows = ({ columns, rows }: Rows): List => ({
  columns,
  items: rows.map((row): Given => ({
    value: row.join(" "),
    columns: new Map(columns.map((name, index) => [name, row[index] ?? ""]))
  }))
})

const read = (cwd: string, path: string, stdin: Stream.Stream<Uint8Array> | undefined) =>
  path === "-"
    ? Effect.map(Stream.runCollect(stdin ?? Stream.empty), (chunks) => Buffer.concat(chunks))
    : Effect.tryPromise({
      try: () => readFile(resolve(cwd, path)),
      catch: (cause) => refused(path, "unreadable", null, reason(cause as NodeJS.ErrnoException))
    })

const refused = (path: string, reason: BatchListRefused["reason"], line: number | null, detail: string) =>
  new BatchListRefused({ path, reason, line, detail })

/** `ENOENT: no such file or directory, open 'x'` without what is said anyway. */
const reason = ({ message }: NodeJS.ErrnoException): string => message.replace(/^[A-Z]+: /, "").replace(/, \w+(?: '.*')?$/s, "")

/** Without a byte order mark. */
const decoded = (path: string, bytes: Uint8Array) =>
  Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => refused(path, "malformed", null, "it is no UTF-8 text")
  })

const parsed = Effect.fnUntraced(function*(path: string, text: string) {
  const parse = formats.get(extname(path).toLowerCase())
  if (parse === undefined) return { columns: null, items: lines(text).map((value) => ({ value })) }
  const rows = yield* Effect.promise(() => parse(text))
  if (Result.isFailure(rows)) return yield* refused(path, "malformed", rows.failure.line, rows.failure.detail)
  return ofRows(rows.success)
})

const counted = (list: List, from: string | null) => {
  if (list.items.length === 0) return Effect.fail(new BatchEmpty({ from }))
  return list.items.length > mostItems ? Effect.fail(new BatchTooLarge({ most: mostItems })) : Effect.succeed(list)
}

/** `-` is `stdin`. */
export const listIn = Effect.fn("client.list")(
  function*(cwd: string, path: string, stdin?: Stream.Stream<Uint8Array>) {
    return yield* counted(yield* parsed(path, yield* decoded(path, yield* read(cwd, path, stdin))), path)
  }
)

/** As a program has them. Their keys are the columns. */
export const listOfRows = (
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>
): Effect.Effect<List, BatchEmpty | BatchListRefused | BatchTooLarge> => {
  const table = rowsOf(rows.map((row, index) => ({ line: index + 1, row })))
  return Result.isFailure(table)
    ? Effect.fail(refused("over", "malformed", table.failure.line, table.failure.detail))
    : counted(ofRows(table.success), null)
}
