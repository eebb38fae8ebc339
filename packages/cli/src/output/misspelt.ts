/** Words that make no command, in words: the parser's finding, and what to type instead. */
import type * as CliError from "effect/cli/CliError"
import { exitCodes } from "../exitCodes.ts"
import { plain } from "./format.ts"
import type { Explained } from "./sentences.ts"

const remedy = (error: CliError.CliError, command: string): string =>
  "suggestions" in error && error.suggestions.length > 0
    ? `Did you mean ${error.suggestions.join(" or ")}?`
    : `${command} --help shows what there is.`

export const misspelt = (error: CliError.CliError): Explained => {
  const command = error._tag === "ShowHelp" ? error.commandPath.join(" ") : "rgrid"
  const first = error._tag === "ShowHelp" ? error.errors[0] ?? error : error
  const [what] = first.message.split("\n")
  return { what: plain(what ?? ""), why: "", fix: remedy(first, command), exitCode: exitCodes.usage }
}
