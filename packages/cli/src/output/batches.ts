/** A batch as people and programs see it: the same fields in words and as JSON. */
import * as Schema from "effect/Schema"
import { Batch, type Resumption, tally } from "rgrid/domain/Batch"
import { euros } from "rgrid/domain/Money"
import { countWords, durationOf } from "./batch/progress.ts"
import { ago, count, duration, instant, plain } from "./format.ts"
import type { Style } from "./style.ts"
import { type Cell, fields, table } from "./table.ts"

/** As the API has it. */
export const toJson = Schema.encodeSync(Batch)

const stateOf = ({ counts, endedAt, halted }: Batch): readonly [text: string, style: Style] => {
  const { failed, running } = tally(counts)
  if (endedAt === null) return halted === null ? (running > 0 ? ["running", "cyan"] : ["queued", "dim"]) : ["ending", "yellow"]
  if (halted === "canceled") return ["canceled", "yellow"]
  return failed > 0 ? ["ended, with failures", "red"] : ["completed", "green"]
}

const commandOf = ({ args, script }: Batch): string => plain([script, ...args].join(" "))

const haltedWords = {
  halt: "--halt came true",
  canceled: "it was canceled",
  dependencies: "what the script needs could not be installed"
} as const

export const details = (batch: Batch, now: number): string =>
  fields([
    ["Batch", batch.id],
    ["Retry of", batch.retryOf],
    ["Script", commandOf(batch)],
    ["Runtime", plain(batch.runtime)],
    ["Status", stateOf(batch)],
    ["Items", countWords(batch)[0]!],
    ["Stopped", batch.halted === null ? null : haltedWords[batch.halted]],
    ["Parallel", batch.options.parallel === undefined ? null : String(batch.options.parallel)],
    ["Created", instant(batch.createdAt)],
    ["Completed", batch.endedAt === null ? null : instant(batch.endedAt)],
    ["Duration", duration(durationOf(batch, now))],
    ["Cost", batch.cost.isPriced ? euros(batch.cost.micros) : null]
  ])

export const listing = (batches: ReadonlyArray<Batch>, now: number): string =>
  table(
    ["ID", "SCRIPT", "STATUS", "ITEMS", "STARTED", "DURATION", "COST"],
    batches.map((batch): ReadonlyArray<Cell> => [
      [batch.id, "dim"],
      commandOf(batch),
      stateOf(batch),
      countWords(batch)[2]!,
      ago(batch.createdAt, now),
      duration(durationOf(batch, now)),
      batch.cost.isPriced ? euros(batch.cost.micros) : "-"
    ])
  )

/** `Starting batch: 3 files, 10 parallel`. */
export const startWords = ({ id, options, total }: Batch, noun: "file" | "item"): string =>
  `Starting batch: ${count(total, noun)}${options.parallel === undefined ? "" : `, ${options.parallel} parallel`} (${id})`

const more = 10

const whyAgain = {
  new: "never completed before",
  script: "script changed",
  imports: "imports changed",
  dependencies: "dependencies changed",
  inputs: "inputs changed",
  args: "arguments changed",
  env: "environment changed",
  runtime: "runtime changed"
} as const

/** What `--resume` leaves out, and why the others run. */
export const resumptionLines = (batch: Batch, { again, skipped }: Resumption): ReadonlyArray<string> => {
  const all = batch.total + skipped
  if (batch.total === 0) return [`All ${count(all, "item")} were completed before: nothing is to be run.`]
  const named = again.slice(0, more)
  const rest = batch.total - named.length
  return [
    `${skipped} of ${all} were completed before and are left out`,
    ...named.map(({ changed, label }) => `  ${plain(label)}: ${changed.map((kind) => whyAgain[kind]).join(", ")}`),
    ...(rest > 0 && named.length > 0 ? [`  … and ${rest} more`] : [])
  ]
}

/** `95 succeeded, 5 failed`. */
export const endWords = ({ counts, skipped }: Batch): string => {
  const { canceled, completed, failed } = tally(counts)
  return [
    `${completed} succeeded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(canceled > 0 ? [`${canceled} canceled`] : []),
    ...(skipped > 0 ? [`${skipped} completed before`] : [])
  ].join(", ")
}

/** Beside it how long it took, and why it stopped where it did before its end. */
export const endLines = (batch: Batch): ReadonlyArray<string> => [
  endWords(batch),
  `Duration: ${duration(durationOf(batch, 0))}${batch.cost.isPriced ? ` · Cost: ${euros(batch.cost.micros)}` : ""}`,
  ...(batch.halted === null ? [] : [`Nothing more was started: ${haltedWords[batch.halted]}.`])
]
