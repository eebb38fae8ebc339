/** One table out of what happened when in several runs of the same. */
import { median } from "./measure.ts"
import { round, tableOf } from "./report.ts"

/** Milliseconds since its start, by what happened. */
export type Happened = ReadonlyMap<string, number>

/** What did not happen in every run is left out. */
export const timeline = (runs: ReadonlyArray<Happened>): string => {
  const labels = [...runs[0]!.keys()].filter((label) => runs.every((run) => run.has(label)))
  const medians = labels.map((label) => [label, median(runs.map((run) => run.get(label)!))] as const)
  const inOrder = medians.sort(([, a], [, b]) => a - b)
  const rows = inOrder.map(([label, at], i) => [label, round(at), round(at - (inOrder[i - 1]?.[1] ?? 0))])
  return tableOf(["what", "at, ms", "since the line above, ms"], rows)
}
