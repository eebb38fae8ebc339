/**
 * Some lines that are drawn over again where they stand. Not on the alternate screen: the last state, and what was said
 * meanwhile, stays in the scrollback when the view ends, and a crash leaves nothing to be put right.
 */
import { width } from "./line.ts"

export interface Size {
  readonly columns: number
  readonly rows: number
}

const up = (rows: number): string => rows > 0 ? `\u001b[${rows}A` : ""
const eraseLine = "\u001b[K"
const eraseBelow = "\u001b[J"

export class Frame {
  #shown: ReadonlyArray<string> = []
  #rows = 0
  /** Of its first lines, those that a lower terminal has pushed out; a higher one brings them back. */
  #pushed = 0

  /** Terminals wrap what stands there anew when they become narrower. */
  #height(columns: number): number {
    return this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / Math.max(1, columns))), 0)
  }

  /** To the frame's first cell. What is above the screen can't be reached, and no terminal goes there. */
  #home({ columns, rows }: Size): string {
    const height = this.#height(columns)
    const back = rows > this.#rows ? this.#pushed : 0
    this.#pushed = Math.max(0, this.#pushed - back) + Math.max(0, height - rows)
    this.#rows = rows
    return `\r${up(height - 1 + back)}`
  }

  /** One write, and line by line over what stands there: nothing flickers. The cursor stays behind the last line. */
  draw(lines: ReadonlyArray<string>, size: Size): string {
    const home = this.#home(size)
    this.#shown = lines
    return home + lines.map((line) => line + eraseLine).join("\n") + eraseBelow
  }

  /** Takes it away. What is written next stands where it stood. */
  clear(size: Size): string {
    const isShown = this.#shown.length > 0
    const home = this.#home(size)
    this.#shown = []
    return isShown ? home + eraseBelow : ""
  }

  /** Leaves it as it is, for good. */
  leave(): string {
    const isShown = this.#shown.length > 0
    this.#pushed = 0
    this.#shown = []
    return isShown ? "\n" : ""
  }
}
