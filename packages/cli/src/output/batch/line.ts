/** Lines of a screen: texts in colours, never wider than they may be. */
import * as CliOutput from "effect/cli/CliOutput"
import type { Style } from "../style.ts"
import { type Cell, cut } from "../table.ts"

/** Texts one behind the other. */
export type Line = ReadonlyArray<Cell>
export type Paint = (style: Style, text: string) => string

export const width = CliOutput.displayWidth

const textOf = (cell: Cell): string => typeof cell === "string" ? cell : cell[0]

export const widthOf = (line: Line): number => width(line.map(textOf).join(""))

const graphemes = new Intl.Segmenter()

/** As much of the end as fits: the end of a path tells it from its neighbours. */
export const cutFront = (text: string, columns: number): string => {
  if (width(text) <= columns) return text
  let kept = ""
  for (const { segment } of [...graphemes.segment(text)].toReversed()) {
    if (width(segment + kept) > columns - 1) break
    kept = segment + kept
  }
  return `…${kept}`
}

/** With spaces up to this width. */
export const padded = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - width(text)))

/** The first that fits, else the last, which is cut then. */
export const firstFitting = <A extends Line>(candidates: ReadonlyArray<A>, columns: number): A =>
  candidates.find((line) => widthOf(line) <= columns) ?? candidates.at(-1)!

/** The line with its colours, cut to the width. */
export const drawn = (line: Line, columns: number, paint: Paint): string => {
  let left = columns
  const parts: Array<string> = []
  for (const cell of line) {
    // Not even an ellipsis has room.
    if (left <= 0) break
    const text = cut(textOf(cell), left)
    parts.push(typeof cell === "string" || text === "" ? text : paint(cell[1], text))
    // What was cut is the end: nothing may follow an ellipsis.
    if (text !== textOf(cell)) break
    left -= width(text)
  }
  return parts.join("")
}

const narrowest = 5

/** `[====>   ]`, as wide as this. */
export const bar = (fraction: number, columns: number): string => {
  const cells = Math.max(narrowest, columns) - 2
  const full = Math.floor(Math.min(1, Math.max(0, fraction)) * cells)
  const head = full === 0 || full === cells ? "=".repeat(full) : `${"=".repeat(full - 1)}>`
  return `[${padded(head, cells)}]`
}
