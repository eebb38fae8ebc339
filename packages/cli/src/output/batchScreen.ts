/**
 * What somebody who watches a batch sees, as lines that fit the terminal. What matters most stays longest when there is no
 * room: how far it is, the keys, the times; then what runs; then what has ended.
 */
import type { Batch } from "rgrid/domain/Batch"
import type { Eta } from "rgrid/domain/Eta"
import type { Execution } from "rgrid/domain/Execution"
import { activeLine, type EndedItem, endedLine, labelColumns } from "./batch/items.ts"
import { bar, drawn, firstFitting, type Line, type Paint, width, widthOf } from "./batch/line.ts"
import { countWords, fractionOf, timeWords } from "./batch/progress.ts"
import { plain } from "./format.ts"

export interface BatchModel {
  readonly batch: Batch
  readonly active: ReadonlyArray<Execution>
  /** The newest last. */
  readonly recent: ReadonlyArray<EndedItem>
  readonly eta: Eta | null
  /** How long an item takes; null while nobody knows. */
  readonly usual: number | null
  readonly now: number
  readonly columns: number
  readonly rows: number
  /** Else somebody watches from elsewhere, who may not know what this is. */
  readonly startedHere: boolean
  /** What keeps every item from beginning; null when nothing does. */
  readonly preparing: string | null
  /** What became of the last key; null when there is nothing to say. */
  readonly notice: string | null
  /** The lowest line: keys, or a question. Empty when nobody can type. */
  readonly footer: ReadonlyArray<Line>
}

const widestBar = 40
const narrowestBar = 10

/** The bar beside the counts where both fit, else above them. */
const progressLines = ({ batch, columns, rows }: BatchModel): ReadonlyArray<Line> => {
  const words = countWords(batch)
  const beside = (text: string): Line => {
    const cells = Math.min(widestBar, columns - width(text) - 1)
    return [[bar(fractionOf(batch), cells), "cyan"], ` ${text}`]
  }
  if (width(words[0]!) + narrowestBar + 1 <= columns) return [beside(words[0]!)]
  if (rows < 10) return [beside(words.find((text) => width(text) + narrowestBar + 1 <= columns) ?? words.at(-1)!)]
  return [[[bar(fractionOf(batch), columns), "cyan"]], firstFitting(words.map((text): Line => [text]), columns)]
}

const haltWords = {
  halt: "Nothing new starts: --halt has been reached.",
  canceled: "Canceled: what runs is being ended.",
  dependencies: "Nothing starts: the dependencies could not be installed."
} as const

const haltLines = ({ batch: { endedAt, halted } }: BatchModel): ReadonlyArray<Line> =>
  halted === null || endedAt !== null ? [] : [[[haltWords[halted], "yellow"]]]

const preparingLines = ({ preparing }: BatchModel): ReadonlyArray<Line> =>
  preparing === null ? [] : [[[preparing, "yellow"]]]

const titleLines = ({ batch, startedHere }: BatchModel): ReadonlyArray<Line> =>
  startedHere ? [] : [[[batch.id, "bold"], `  ${plain([batch.script, ...batch.args].join(" "))}`]]

/** The longest running first; those for which there is no room are counted. */
const activeLines = ({ active, columns, now, usual }: BatchModel, room: number): ReadonlyArray<Line> => {
  const shown = active.slice(0, active.length <= room ? room : Math.max(0, room - 1))
  const labels = labelColumns(shown, columns)
  const lines = shown.map((one) => activeLine(one, { now, columns, usual, labels }))
  const rest = active.length - shown.length
  return rest === 0 || room === 0 ? lines : [...lines, [[`  … and ${rest} more`, "dim"]]]
}

/** How many lines of what runs and of what has ended, of so many. */
const share = ({ active, recent }: BatchModel, room: number): readonly [active: number, recent: number] => {
  const fair = Math.max(Math.floor(room / 3), room - active.length)
  const ended = Math.min(recent.length, fair, mostRecent)
  return [Math.min(active.length, room - ended), ended]
}

const mostRecent = 10

const spaciousRows = 16

/** Sections with an empty line between them where there is room for that. */
const joined = (sections: ReadonlyArray<ReadonlyArray<Line>>, rows: number): ReadonlyArray<Line> => {
  const known = sections.filter((lines) => lines.length > 0)
  return known.flatMap((lines, i) => i === 0 || rows < spaciousRows ? lines : [[], ...lines])
}

const items = (model: BatchModel, taken: number): ReadonlyArray<ReadonlyArray<Line>> => {
  const gaps = model.rows < spaciousRows ? 0 : 3
  const [running, ended] = share(model, Math.max(0, model.rows - taken - gaps))
  const recent = ended === 0 ? [] : model.recent.slice(-ended)
  return [
    activeLines(model, running),
    recent.map((item) => endedLine(item, model.now, model.columns))
  ]
}

const footLines = ({ columns, footer, notice }: BatchModel): ReadonlyArray<Line> => [
  ...(notice === null ? [] : [[notice]]),
  ...(footer.length === 0 ? [] : [firstFitting(footer, columns)])
]

/** The least that a terminal is taken to have. */
const smallest = { columns: 20, rows: 6 }

/** One row and one column are left free: a line that wraps, or a screen that scrolls, could not be drawn over. */
export const usable = (columns: number, rows: number) => ({
  columns: Math.max(smallest.columns, columns) - 1,
  rows: Math.max(smallest.rows, rows) - 1
})

export const batchScreen = (whole: BatchModel, paint: Paint): ReadonlyArray<string> => {
  const model = { ...whole, ...usable(whole.columns, whole.rows) }
  const { columns, rows } = model
  const times: Line = firstFitting(timeWords(model).map((text): Line => [text]), columns)
  const head = [...progressLines(model), times]
  const foot = footLines(model)
  const beside = [...preparingLines(model), ...haltLines(model)]
  // With few rows what runs is worth more than what is known anyway.
  const isRoomy = rows >= head.length + foot.length + beside.length + 3
  const top = isRoomy ? [...titleLines(model), ...head, ...beside] : head
  const lines = joined([top, ...items(model, top.length + foot.length), foot], rows)
  return lines.map((line) => drawn(line, columns, paint))
}

/** Batch and times in one line, for somebody who did not ask for more. */
export const batchLine = (model: Pick<BatchModel, "active" | "batch" | "columns" | "eta" | "now">): string => {
  const columns = model.columns - 1
  const counts = countWords(model.batch)
  const times = timeWords(model)
  const cells = (text: string) => columns - width(text) - 1
  const whole = [`${counts[0]} · ${times[1]}`, `${counts[1]} · ${times[2]}`, ...counts]
  const words = whole.find((text) => cells(text) >= narrowestBar) ?? counts.at(-1)!
  const line: Line = [bar(fractionOf(model.batch), Math.min(24, cells(words))), ` ${words}`]
  return drawn(widthOf(line) <= columns ? line : [words], columns, (_, text) => text)
}
