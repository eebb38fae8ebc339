/**
 * Some lines that are drawn over again where they stand. Not on the alternate screen: the last state, and what was said
 * meanwhile, stays in the scrollback when the view ends, and a crash leaves nothing to be put right.
 */
import { width } from "./line.ts"

const up = (rows: number): string => rows > 0 ? `\u001b[${rows}A` : ""
const eraseLine = "\u001b[K"
const eraseBelow = "\u001b[J"

export class Frame {
  #shown: ReadonlyArray<string> = []

  /** To the frame's first cell. Terminals wrap what stands there anew when they become narrower. */
  #home(columns: number): string {
    const rows = this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / Math.max(1, columns))), 0)
    return `\r${up(rows - 1)}`
  }

  /** One write, and line by line over what stands there: nothing flickers. The cursor stays behind the last line. */
  draw(lines: ReadonlyArray<string>, columns: number): string {
    const home = this.#home(columns)
    this.#shown = lines
    return home + lines.map((line) => line + eraseLine).join("\n") + eraseBelow
  }

  /** Takes it away. What is written next stands where it stood. */
  clear(columns: number): string {
    const isShown = this.#shown.length > 0
    const home = this.#home(columns)
    this.#shown = []
    return isShown ? home + eraseBelow : ""
  }

  /** Leaves it as it is, for good. */
  leave(): string {
    const isShown = this.#shown.length > 0
    this.#shown = []
    return isShown ? "\n" : ""
  }
}
