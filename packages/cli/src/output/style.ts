/** Colours, where somebody looks: on a terminal, unless NO_COLOR is set; elsewhere only with FORCE_COLOR. */
import { styleText } from "node:util"

export type Style = Extract<Parameters<typeof styleText>[0], string>

interface Terminal {
  readonly isTTY?: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** NO_COLOR wins over FORCE_COLOR, as in the help, which the parser's library colours by itself. */
export const hasColor = (stream: Terminal, env: Environment = process.env): boolean => {
  if ((env["NO_COLOR"] ?? "") !== "") return false
  const forced = (env["FORCE_COLOR"] ?? "").toLowerCase()
  if (forced !== "") return forced !== "0" && forced !== "false"
  return stream.isTTY === true && env["TERM"] !== "dumb"
}

export const paint = (style: Style, text: string, stream: Terminal): string =>
  hasColor(stream) ? styleText(style, text, { validateStream: false }) : text

/** Lines of RGrid's own words: a mark at their start is told by its colour too. */
export const marked = (text: string, stream: Terminal): string =>
  text.replace(/^✗/gm, () => paint("red", "✗", stream)).replace(/^✓/gm, () => paint("green", "✓", stream))
