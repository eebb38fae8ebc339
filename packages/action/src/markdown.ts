/**
 * Markdown in which what a script or a file is called stays text: no link, no mention, no HTML; and no secret, which can't be
 * found any more once signs are written as numbers.
 */
import { hidden } from "./mask.ts"

/** Every sign as its number: none of them means anything then. */
const text = (raw: string): string => raw.replace(/[^\p{L}\p{N} ]/gu, (sign) => `&#${sign.codePointAt(0)};`)

/** Outside of code GitHub makes links and mentions even of escaped words. */
export const code = (raw: string): string => `<code>${text(hidden(raw).replace(/\s+/g, " "))}</code>`

/** A fence that nothing within it ends. */
export const block = (raw: string): string => {
  const shown = hidden(raw).replace(/\r\n?/g, "\n")
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}text\n${shown}\n${fence}`
}

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")
