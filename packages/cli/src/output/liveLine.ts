/**
 * One line about a running script, below what it writes. It is drawn only where the script's own output stands at the
 * beginning of a line, and taken away before the script writes again: not a byte of the script's is touched.
 */
import { cut } from "./table.ts"

const erase = "\r\u001b[2K"
const newline = 10

/** What to write, and where: the script's bytes as they came, or words of ours on stderr. */
export type Piece =
  | { readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }
  | { readonly stream: "stderr"; readonly words: string }

export interface Screen {
  /** Which of the script's streams are written to the terminal that shows the line. */
  readonly stdout: boolean
  readonly stderr: boolean
  /** Words that can't be taken away again are written as lines. */
  readonly terminal: boolean
  /** How wide it is now; it may be resized. */
  readonly columns?: () => number | undefined
}

export class LiveLine {
  readonly #screen: Screen
  #shown = ""
  #words = ""
  #atStart = true

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** The script wrote something. */
  output(stream: "stdout" | "stderr", bytes: Uint8Array): ReadonlyArray<Piece> {
    const own: Piece = { stream, bytes }
    if (bytes.length === 0 || !this.#screen[stream]) return [own]
    const cleared = this.clear()
    this.#atStart = bytes.at(-1) === newline
    return [...cleared, own, ...this.#draw()]
  }

  /** There is something new to say. */
  say(words: string): ReadonlyArray<Piece> {
    if (words === this.#words) return []
    this.#words = words
    if (this.#screen.terminal) return [...this.clear(), ...this.#draw()]
    // A line of ours in the middle of one of the script's would spoil it: the next one will do.
    return this.#atStart ? [{ stream: "stderr", words: `${words}\n` }] : []
  }

  /** Takes the line away. */
  clear(): ReadonlyArray<Piece> {
    const shown = this.#shown
    this.#shown = ""
    return shown === "" ? [] : [{ stream: "stderr", words: erase }]
  }

  #draw(): ReadonlyArray<Piece> {
    if (!this.#screen.terminal || !this.#atStart || this.#words === "") return []
    // Of a line that wraps only the last row could be taken away; the very last cell is left to the cursor.
    this.#shown = cut(this.#words, (this.#screen.columns?.() || Infinity) - 1)
    return [{ stream: "stderr", words: this.#shown }]
  }
}
