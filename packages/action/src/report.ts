/** What came of the step, as a page of Markdown: the job's summary and the pull request's comment. */
import { relative } from "node:path"
import { count, duration, size } from "rgrid/client/amounts"
import { euros } from "rgrid/domain/Money"
import { explainFailure } from "./errors.ts"
import type { Workflow } from "./github.ts"
import { block, code, table } from "./markdown.ts"
import { hidden } from "./mask.ts"
import type { Failed, Outcome } from "./Outcome.ts"

/** More causes are counted; a summary may have a megabyte, a comment 65,536 letters. */
const mostCauses = 10
const mostLetters = 2000

const countsOf = ({ earlier, failed, succeeded }: Outcome): string =>
  [
    `${succeeded} succeeded`,
    ...(earlier > 0 ? [`${earlier} of them before`] : []),
    ...(failed > 0 ? [`${failed} failed`] : [])
  ].join(", ")

const outputsOf = ({ bytes, directory, files }: Outcome, workspace: string): string =>
  `${count(files, "file")} (${size(bytes)}) in ${code(relative(workspace, directory) || ".")}`

const rows = (outcome: Outcome, workflow: Workflow | null, workspace: string) => [
  ["Status", outcome.status],
  ...(outcome.isBatch ? [["Items", countsOf(outcome)]] : [["Exit code", String(outcome.exitCode ?? "")]]),
  ["Duration", duration(outcome.millis)],
  ...(outcome.isPriced ? [["Cost", euros(outcome.micros)]] : []),
  ["Outputs", outputsOf(outcome, workspace)],
  [outcome.isBatch ? "Batch" : "Execution", code(outcome.id)],
  ...(workflow === null ? [] : [["Run", `[${workflow.sha.slice(0, 7) || "run"}](${workflow.commitUrl}) · [log](${workflow.runUrl})`]])
]

const causeRow = ({ count, execution, failure, item }: Failed): ReadonlyArray<string> => {
  const { fix, what, why } = explainFailure(failure)
  const words = [what, why, fix].filter((part) => part !== "").map(code).join("<br>")
  return [String(count), item === null ? "" : code(item), words, code(execution)]
}

const lastWords = ({ item, stderr }: Failed): ReadonlyArray<string> => {
  // Before it is cut: half a secret is not found.
  const end = hidden(stderr.trimEnd()).slice(-mostLetters)
  const title = `The end of stderr${item === null ? "" : ` of ${code(item)}`}`
  return end === "" ? [] : [`<details><summary>${title}</summary>\n\n${block(end)}\n\n</details>`]
}

const causesOf = ({ causes, isBatch }: Outcome): ReadonlyArray<string> => {
  if (causes.length === 0) return []
  const shown = causes.slice(0, mostCauses)
  const more = causes.length - shown.length
  const lines = isBatch
    ? table(["Items", "First", "Cause", "Execution"], shown.map(causeRow))
    : table(["Cause"], shown.map((cause) => [causeRow(cause)[2]!]))
  return [lines, ...(more > 0 ? [`… and ${count(more, "more cause")}`] : []), ...lastWords(shown[0]!)]
}

export const report = (outcome: Outcome, words: string, workflow: Workflow | null, workspace: string): string =>
  [
    `### ${outcome.status === "completed" && outcome.unfetched === 0 ? "✅" : "❌"} ${code(words)}`,
    table(["", ""], rows(outcome, workflow, workspace)),
    ...causesOf(outcome),
    ...outcome.missing.slice(0, mostCauses).map((line) => `- ${code(line)}`)
  ].join("\n\n") + "\n"
