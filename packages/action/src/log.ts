/**
 * The part of the log that holds what others wrote. The runner obeys no line of it: commands are stopped until a token
 * comes that nobody else knows, and it comes at the beginning of a line.
 */
import * as core from "@actions/core"
import { randomBytes } from "node:crypto"
import { plain } from "rgrid/domain/plain"

/** A line that does not end is not held back for ever. */
const longestLine = 64 * 1024

/** A line of ours outside of that part. A runner takes `##[…]` for a command wherever it stands, `::` at the beginning. */
export const say = (line: string): void => core.info(plain(line).replace(/##(?=\[)|^\s*:(?=:)/g, "$& "))

export class ProtectedLog {
  private readonly token = randomBytes(24).toString("hex")
  private readonly write: (bytes: Uint8Array) => void
  /** Beginnings of lines. Each stream has its own: both in one line would be neither. */
  private readonly begun = { stdout: "", stderr: "" }

  constructor(write: (bytes: Uint8Array) => void) {
    this.write = write
  }

  begin(): void {
    this.lines([`::stop-commands::${this.token}`])
  }

  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.begun[stream] !== "") this.lines([this.hidden(this.begun[stream].replace(/\r$/, ""))])
      this.begun[stream] = ""
    }
    this.lines([`::${this.token}::`])
  }

  /** A line of ours that holds names which others gave. */
  say(line: string): void {
    this.lines([this.hidden(Buffer.from(line.replace(/[\r\n]+/g, " ")).toString("latin1"))])
  }

  output(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    // As Latin-1 every byte is itself. A runner ends a line at a lone \r too; one at the end may be half of \r\n.
    const text = this.begun[stream] + Buffer.from(bytes).toString("latin1")
    const lines = text.split(/\r\n|\n|\r(?!$)/)
    const rest = lines.pop()!
    const isLong = rest.length > longestLine
    this.begun[stream] = isLong ? "" : rest
    this.lines((isLong ? [...lines, rest] : lines).map((line) => this.hidden(line)))
  }

  private hidden(line: string): string {
    return line.replaceAll(this.token, "***")
  }

  private lines(lines: ReadonlyArray<string>): void {
    if (lines.length > 0) this.write(Buffer.from(`${lines.join("\n")}\n`, "latin1"))
  }
}
