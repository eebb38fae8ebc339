/** The end of a log as lines of a screen: colours and cursor movements are the script's, this place is ours. */
import { stripVTControlCharacters } from "node:util"
import { plain } from "../format.ts"

/** More rows than a terminal has. */
const mostLines = 500
/** Of a line without an end only its end is kept. */
const longest = 4096

/** What a terminal would show of it: a bar that is drawn anew with carriage returns is seen once. */
const shown = (line: string): string => {
  const clean = stripVTControlCharacters(line).replaceAll("\t", "    ")
  return plain(clean.split("\r").findLast((part) => part !== "") ?? "")
}

export class LogTail {
  readonly #text = new TextDecoder()
  #lines: Array<string> = []
  #open = ""

  add(bytes: Uint8Array): void {
    const lines = (this.#open + this.#text.decode(bytes, { stream: true })).split("\n")
    this.#open = (lines.pop() ?? "").slice(-longest)
    this.#lines = [...this.#lines, ...lines.slice(-mostLines)].slice(-mostLines)
  }

  /** The last of them, with the one that has not ended. */
  last(rows: number): ReadonlyArray<string> {
    const all = this.#open === "" ? this.#lines : [...this.#lines, this.#open]
    return rows <= 0 ? [] : all.slice(-rows).map((line) => shown(line.slice(-longest)))
  }
}
