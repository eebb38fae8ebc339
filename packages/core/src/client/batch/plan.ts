/** What a batch would run: its items with their arguments, folders and files. Nothing is hashed. */
import * as Effect from "effect/Effect"
import { dirname, resolve } from "node:path"
import type { BatchOptions } from "../../domain/Batch.ts"
import { BatchEmpty } from "../errors.ts"
import { plan, type Plan, type RunRequest } from "../prepare.ts"
import { type Lookup, makeLookup } from "../travel/lookup.ts"
import { candidates } from "../travel/named.ts"
import { placeThere } from "../travel/place.ts"
import type { Found } from "../travel/Travelling.ts"
import { travelsToo } from "../travel/travels.ts"
import type { Given, List } from "./Given.ts"
import { listIn, listOfRows } from "./list.ts"
import { type Called, outputNames } from "./names.ts"
import { ofPatterns } from "./patterns.ts"
import { template } from "./template.ts"

/** A request whose `stdin` is read for `batchFrom: "-"` only: items have none. */
export interface BatchRequest extends RunRequest {
  /** Patterns and values; none with `batchFrom`. */
  readonly batch: ReadonlyArray<string>
  /** A file that lists the items; `-` is stdin. */
  readonly batchFrom?: string
  /** Rows as a program has them, in place of both. */
  readonly rows?: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly options: BatchOptions
}

export interface PlannedItem {
  readonly label: string
  readonly name: string
  readonly args: ReadonlyArray<string>
  /** Beside those that travel for all items; so `directories`. */
  readonly files: ReadonlyArray<Found>
  readonly directories: ReadonlyArray<string>
}

export interface BatchPlan {
  readonly plan: Plan
  readonly items: ReadonlyArray<PlannedItem>
  /** Items that were given again, and are one: the same file by any of its paths. */
  readonly duplicates: ReadonlyArray<string>
}

export interface Item extends Given {
  /** Absolute, of what is here. */
  readonly here?: string
}

const longestLabel = 4096

export const listOf = (
  request: Pick<BatchRequest, "batch" | "batchFrom" | "rows" | "cwd" | "stdin">,
  lookup: Lookup
) => {
  if (request.rows !== undefined) return listOfRows(request.rows)
  return request.batchFrom === undefined
    ? Effect.map(ofPatterns(request.cwd, request.batch, lookup), (items): List => ({ columns: null, items }))
    : listIn(request.cwd, request.batchFrom, request.stdin?.bytes)
}

/** The same values twice are two items; the same file twice is a slip. */
export const distinct = async (cwd: string, given: ReadonlyArray<Given>, lookup: Lookup) => {
  const seen = new Set<string>()
  const items: Array<Item> = []
  const duplicates: Array<string> = []
  for (const item of given) {
    const here = resolve(cwd, item.value)
    if (item.columns !== undefined || await lookup.status(here) === null) items.push(item)
    else if (seen.has(here)) duplicates.push(item.value)
    else items.push({ ...item, here })
    seen.add(here)
  }
  return { items, duplicates }
}

export const called = (cwd: string, used: ReadonlyArray<string>) => ({ columns, here, value }: Item): Called => {
  if (columns !== undefined) return { _tag: "Value", text: used.map((name) => columns.get(name) ?? "").join("-") }
  return here === undefined
    ? { _tag: "Value", text: value }
    : { _tag: "File", names: placeThere(cwd, here).split("/").filter((name) => name !== "") }
}

/** Most words are no paths: that is told from lists of directories, and costs nothing else. */
const mayName = async (cwd: string, args: ReadonlyArray<string>, lookup: Lookup): Promise<boolean> => {
  for (const word of args.flatMap(candidates)) {
    const path = resolve(cwd, word)
    const above = dirname(path)
    if (word !== "" && (await lookup.may(path) || (above !== cwd && await lookup.may(above)))) return true
  }
  return false
}

const nothing = { files: [], directories: [] }

/** Its bytes are not kept: there may be thousands. */
const unread = ({ here, mode, reason, size, there }: Found): Found => ({ here, there, mode, size, reason })

/** Finds what arguments add to what travels for all items. */
const finder = ({ cwd }: RunRequest, { script, travelling }: Plan, lookup: Lookup) => {
  const anyway = new Set([...travelling.files.map(({ here }) => here), ...travelling.directories])
  return Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
    if (!(yield* Effect.promise(() => mayName(cwd, args, lookup)))) return nothing
    const { directories, files } = yield* travelsToo({ cwd, script, args, look: lookup.status })
    return {
      files: files.filter(({ here }) => !anyway.has(here)).map(unread),
      directories: directories.filter((directory) => !anyway.has(directory))
    }
  })
}

export const labelOf = (value: string): string => value.replaceAll("\0", "").slice(0, longestLabel).toWellFormed()

export const planBatch = Effect.fn("client.planBatch")(function*(request: BatchRequest) {
  const { cwd } = request
  const lookup = makeLookup()
  const list = yield* listOf(request, lookup)
  if (list.items.length === 0) return yield* new BatchEmpty({ from: null })
  const { filled, fixed, used } = yield* Effect.fromResult(template(request.args, list.columns))
  const planned = yield* plan({ ...request, args: fixed })
  const { duplicates, items } = yield* Effect.promise(() => distinct(cwd, list.items, lookup))
  const names = outputNames(items.map(called(cwd, used)))
  const find = finder(request, planned, lookup)
  const whole = yield* Effect.forEach(
    items,
    Effect.fnUntraced(function*(item, index) {
      const { args, varying } = filled({ ...item, position: index + 1 })
      const own: PlannedItem = { label: labelOf(item.value), name: names[index]!, args, ...yield* find(varying) }
      return own
    }),
    { concurrency: 8 }
  )
  const result: BatchPlan = { plan: planned, items: whole, duplicates }
  return result
})
