/** Tables and lists of fields. On a terminal they fit its width; piped, nothing of them is left out. */
import * as CliOutput from "effect/cli/CliOutput"
import { paint, type Style } from "./style.ts"

/** Text, or text in a colour. */
export type Cell = string | readonly [text: string, style: Style]

export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
}

const textOf = (cell: Cell): string => typeof cell === "string" ? cell : cell[0]

/** In cells of a terminal: a Chinese letter takes two, an accent none. */
const width = CliOutput.displayWidth

const graphemes = new Intl.Segmenter()

/** As much of the text as fits, with an ellipsis for the rest. */
export const cut = (text: string, columns: number): string => {
  if (width(text) <= columns) return text
  let kept = ""
  for (const { segment } of graphemes.segment(text)) {
    if (width(kept + segment) > columns - 1) break
    kept += segment
  }
  return `${kept}…`
}

const gap = 2

/** A column is not cut below this. */
const legible = 8

/** Takes from the widest columns, never the first, which names the row, what does not fit. */
const fitted = (widths: ReadonlyArray<number>, columns: number): ReadonlyArray<number> => {
  const fitting = [...widths]
  const total = () => fitting.reduce((sum, one) => sum + one, gap * (fitting.length - 1))
  while (total() > columns) {
    const widest = fitting.lastIndexOf(Math.max(...fitting.slice(1)))
    if (widest < 1 || fitting[widest]! <= legible) break
    fitting[widest]! -= 1
  }
  return fitting
}

/** Columns two spaces apart, each as wide as its widest cell; nothing trails the last. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  screen: Screen = process.stdout
): string => {
  const all = [head.map((name): Cell => [name, "bold"]), ...rows]
  const natural = head.map((_, column) => Math.max(...all.map((row) => width(textOf(row[column] ?? "")))))
  const widths = screen.isTTY === true && screen.columns ? fitted(natural, screen.columns) : natural
  const shown = (cell: Cell, column: number, isLast: boolean): string => {
    const text = cut(textOf(cell), widths[column]!)
    const padding = isLast ? "" : " ".repeat(widths[column]! - width(text) + gap)
    return (typeof cell === "string" ? text : paint(cell[1], text, screen)) + padding
  }
  const line = (row: ReadonlyArray<Cell>) =>
    row.map((cell, column) => shown(cell, column, column === row.length - 1)).join("").trimEnd()
  return `${all.map(line).join("\n")}\n`
}

/** `Label:  value` lines; what has no value is left out. */
export const fields = (
  pairs: ReadonlyArray<readonly [label: string, value: Cell | null]>,
  screen: Screen = process.stdout
): string => {
  const known = pairs.flatMap(([label, value]) => value === null ? [] : [[`${label}:`, value] as const])
  const widest = Math.max(...known.map(([label]) => label.length)) + gap
  const line = ([label, value]: readonly [string, Cell]) =>
    paint("dim", label, screen) + " ".repeat(widest - label.length) +
    (typeof value === "string" ? value : paint(value[1], value[0], screen))
  return `${known.map(line).join("\n")}\n`
}
