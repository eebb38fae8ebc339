/** Why items of a batch failed: the same cause once, with what helps. */
import * as Schema from "effect/Schema"
import { CauseGroup } from "rgrid/api/Batches"
import { labelOf } from "./batch/items.ts"
import { ofFailure } from "./failures.ts"
import { count } from "./format.ts"

const encode = Schema.encodeSync(CauseGroup)

/** As the API has it, with its words. */
export const toJson = (group: CauseGroup) => {
  const { fix, what, why } = ofFailure(group.failure)
  return { ...encode(group), what, why, fix }
}

/** Items that failed, by the fingerprint of their cause, as far as somebody saw them. */
export type Seen = ReadonlyMap<string, ReadonlyArray<string>>

/** More of one cause are counted. */
export const mostNamed = 5

const itemsOf = ({ count: many, fingerprint, sample }: CauseGroup, seen: Seen): string => {
  // The one whose log is named comes first.
  const names = [...new Set([labelOf(sample), ...seen.get(fingerprint) ?? []])].slice(0, mostNamed)
  const rest = many - names.length
  return `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`
}

const groupLines = (seen: Seen) => (group: CauseGroup): ReadonlyArray<string> => {
  const { count: many, failure, number, sample } = group
  const { fix, what, why } = ofFailure(failure)
  const rows = [
    ["Error:", what],
    ["Cause:", why],
    ["Fix:", fix],
    ["Items:", itemsOf(group, seen)],
    ["Logs:", `rgrid logs ${sample.id}`]
  ]
  return [
    `  ${number}. ${count(many, "item")}`,
    ...rows.flatMap(([label, text]) => text === "" ? [] : [`     ${label!.padEnd(7)}${text}`])
  ]
}

/** And how to run them once more. Empty without any. */
export const causeLines = (id: string, groups: ReadonlyArray<CauseGroup>, seen: Seen = new Map()): ReadonlyArray<string> =>
  groups.length === 0 ? [] : [
    groups.length === 1 ? "✗ Failed for one cause:" : `✗ Failed for ${groups.length} causes:`,
    ...groups.flatMap(groupLines(seen)),
    `Run the failed ones once more: rgrid retry --batch ${id} --failed-only`,
    ...(groups.length === 1 ? [] : [`Those of one cause alone:      rgrid retry --batch ${id} --cause 1`])
  ]
