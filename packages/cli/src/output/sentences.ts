/** A failed command in words and as an exit code: what happened, why, and what to do about it (FR10). */
import * as Predicate from "effect/Predicate"
import type { ClientError } from "rgrid/client/errors"
import { sentence } from "rgrid/client/sentences"
import { exitCodes } from "../exitCodes.ts"
import type { BadInput } from "../input.ts"
import type { NotStarted } from "../notStarted.ts"
import { plain } from "./format.ts"

export interface Explained {
  readonly what: string
  /** Empty when there is nothing to add; so is `fix`. */
  readonly why: string
  readonly fix: string
  readonly exitCode: number
}

export type CommandError = ClientError | BadInput | NotStarted

const codes: Record<CommandError["_tag"], number> = {
  ScriptMissing: exitCodes.usage,
  ScriptNotAFile: exitCodes.usage,
  UnknownRuntime: exitCodes.usage,
  RuntimeUndetected: exitCodes.usage,
  RuntimeUnsuitable: exitCodes.usage,
  SyntaxRejected: exitCodes.usage,
  MalformedEnv: exitCodes.usage,
  InputRefused: exitCodes.usage,
  OptionRefused: exitCodes.usage,
  IncludeUnmatched: exitCodes.usage,
  InputChanged: exitCodes.usage,
  BatchEmpty: exitCodes.usage,
  BatchTooLarge: exitCodes.usage,
  BatchPatternUnmatched: exitCodes.usage,
  BatchListRefused: exitCodes.usage,
  ReplacementUnknown: exitCodes.usage,
  RequirementsMissing: exitCodes.usage,
  RequirementsRefused: exitCodes.usage,
  BadInput: exitCodes.usage,
  ConnectionIncomplete: exitCodes.usage,
  CredentialsUnusable: exitCodes.usage,
  ProfileUnknown: exitCodes.usage,
  ProfileIncomplete: exitCodes.usage,
  ConfigRefused: exitCodes.usage,
  KeyNotAccepted: exitCodes.refused,
  KeyUnknown: exitCodes.usage,
  ExecutionUnknown: exitCodes.usage,
  BatchUnknown: exitCodes.usage,
  ExecutionUnended: exitCodes.usage,
  ExecutionUnrepeatable: exitCodes.usage,
  ExecutionAmbiguous: exitCodes.usage,
  KeyRefused: exitCodes.grid,
  ServerUnreachable: exitCodes.grid,
  GridRefused: exitCodes.grid,
  GridNotStarted: exitCodes.grid,
  NotWritten: exitCodes.grid,
  NotStarted: exitCodes.grid
}

/** Whether something thrown is one of the errors that have a sentence. */
export const isCommandError = (error: unknown): error is CommandError =>
  Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" && error._tag in codes

const wordsOf = (error: CommandError) => {
  switch (error._tag) {
    case "BadInput":
      return { what: error.what, why: "", fix: error.fix }
    case "NotStarted":
      return error
    default:
      return sentence(error)
  }
}

export const explain = (error: CommandError): Explained => {
  const { fix, what, why } = wordsOf(error)
  return { what: plain(what), why: plain(why), fix: plain(fix), exitCode: codes[error._tag] }
}

/** A defect is ours: one line, and where to tell. */
export const defect = (cause: unknown): Explained => ({
  what: "RGrid itself failed.",
  why: plain(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)).slice(0, 300),
  fix: "Please report it, with this line and the command.",
  exitCode: exitCodes.grid
})

/** The lines a person sees: the head, then what is known, each under its label. */
export const render = (head: string, { fix, what, why }: Explained, logs = ""): string => {
  const rows = [["Error:", head === what ? "" : what], ["Cause:", why], ["Fix:", fix], ["Logs:", logs]] as const
  const lines = rows.flatMap(([label, text]) => text === "" ? [] : [`  ${label.padEnd(7)}${text}`])
  return [`✗ ${head}`, ...lines].join("\n")
}
