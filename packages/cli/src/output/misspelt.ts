/** Words that make no command, in words: the parser's finding, and what to type instead. */
import type * as CliError from "effect/cli/CliError"
import { exitCodes } from "rgrid/client/exitCodes"
import { plain } from "./format.ts"
import type { Explained } from "./sentences.ts"

const remedy = (error: CliError.CliError, command: string): string =>
  "suggestions" in error && error.suggestions.length > 0
    ? `Did you mean ${error.suggestions.join(" or ")}?`
    : `${command} --help shows what there is.`

/** What people try, and what must never be: every process's arguments are everybody's to read. */
const secrets = new Set(["--key", "--api-key", "--apikey", "--token", "--password"])

const keyAsArgument: Explained = {
  what: "A key is never given as an argument.",
  why: "Other programs can read arguments, and shells keep them.",
  fix: "rgrid init asks for it, or reads it: rgrid init --server URL < key.txt; in CI set RGRID_URL and RGRID_API_KEY.",
  exitCode: exitCodes.usage
}

const isKey = (error: CliError.CliError): boolean =>
  error._tag === "UnrecognizedOption" && secrets.has(error.option.split("=", 1)[0]!)

/** `"a" | "b"` and the like, as one would say it. */
const wanted = (expected: string): string => {
  if (/finite number|number/.test(expected)) return "Give a number."
  if (/integer/.test(expected)) return "Give a whole number."
  const known = expected.replace(/^Expected:? /, "").split(" | ").map((one) => one.replace(/^"(.*)"$/, "$1"))
  const last = known.at(-1)
  if (last === "string") return "Give one, or leave it out."
  return `Give ${known.length > 1 ? `${known.slice(0, -1).join(", ")} or ${last}` : last}.`
}

const wrongValue = ({ expected, kind, option, value }: CliError.InvalidValue): Explained => {
  const name = kind === "flag" ? `--${option}` : option
  const what = value === "" ? `${name} lacks its value.` : `${name} can't be ${JSON.stringify(value)}.`
  return { what: plain(what), why: "", fix: plain(wanted(expected)), exitCode: exitCodes.usage }
}

export const misspelt = (error: CliError.CliError): Explained => {
  const command = error._tag === "ShowHelp" ? error.commandPath.join(" ") : "rgrid"
  const errors: ReadonlyArray<CliError.CliError> = error._tag === "ShowHelp" ? error.errors : [error]
  if (errors.some(isKey)) return keyAsArgument
  const first = errors[0] ?? error
  if (first._tag === "InvalidValue") return wrongValue(first)
  const [what] = first.message.split("\n")
  return { what: plain(what ?? ""), why: "", fix: remedy(first, command), exitCode: exitCodes.usage }
}
