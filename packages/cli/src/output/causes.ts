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

const groupLines = ({ count: many, failure, number, sample }: CauseGroup): ReadonlyArray<string> => {
  const { fix, what, why } = ofFailure(failure)
  const rows = [["Error:", what], ["Cause:", why], ["Fix:", fix], ["Like:", `${labelOf(sample)}  rgrid logs ${sample.id}`]]
  return [
    `  ${number}. ${count(many, "item")}`,
    ...rows.flatMap(([label, text]) => text === "" ? [] : [`     ${label!.padEnd(7)}${text}`])
  ]
}

/** And how to run them once more. Empty without any. */
export const causeLines = (id: string, groups: ReadonlyArray<CauseGroup>): ReadonlyArray<string> =>
  groups.length === 0 ? [] : [
    groups.length === 1 ? "✗ Failed for one cause:" : `✗ Failed for ${groups.length} causes:`,
    ...groups.flatMap(groupLines),
    `Run the failed ones once more: rgrid retry --batch ${id} --failed-only`,
    ...(groups.length === 1 ? [] : [`Those of one cause alone:      rgrid retry --batch ${id} --cause 1`])
  ]
