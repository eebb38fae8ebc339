/** The same words for programs: what is a flag on a command line is an option there. */
import type { ClientError } from "./errors.ts"
import { type Sentence, sentence } from "./sentences.ts"

const own = (error: ClientError): Partial<Sentence> => {
  switch (error._tag) {
    case "RuntimeUndetected":
      return { fix: "Give `runtime`, for example \"python:3.11\", or code a `name` with its ending." }
    case "RuntimeUnsuitable":
      return { fix: `Give the runtime "${error.instead}", or none: it is the default.` }
    case "MalformedEnv":
      return { fix: "Correct it in `env` or `secrets`." }
    case "IncludeUnmatched":
      return { what: `${error.pattern} in \`include\` matches no file.`, fix: "Write it relative to `cwd`." }
    case "BatchEmpty":
      return { fix: "Give some in `over`." }
    case "BatchPatternUnmatched":
      return {
        what: error.pattern === "" ? "A pattern in `over` is empty." : `${error.pattern} in \`over\` matches no file.`,
        ...(error.nearest === null ? { fix: "Write it relative to `cwd`; values that are no files can be given as rows." } : {})
      }
    case "BatchListRefused":
      return error.reason === "unreadable" ? { what: `${error.path} can't be read.` } : {}
    default:
      return {}
  }
}

/** Flags that stand within a fix, and what stands there for a program. */
const options: ReadonlyArray<readonly [flag: string, option: string]> = [
  ["the current directory", "`cwd`"],
  ["itself: --requirements", "in `requirements`:"],
  ["--requirements none", "`requirements: \"none\"`"],
  ["; --profile local", "; `profile: \"local\"`"],
  ["with --secret NAME", "in `secrets`"]
]

const inProgram = (fix: string): string => options.reduce((text, [flag, option]) => text.replace(flag, option), fix)

export const librarySentence = (error: ClientError): Sentence => {
  const words = { ...sentence(error), ...own(error) }
  return { ...words, fix: inProgram(words.fix) }
}
