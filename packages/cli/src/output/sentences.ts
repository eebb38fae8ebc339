/** A failed command in words and as an exit code: what happened, why, and what to do about it (FR10). */
import * as Predicate from "effect/Predicate"
import type { ClientError } from "rgrid/client/errors"
import { sentence } from "rgrid/client/sentences"
import { exitCodes } from "rgrid/client/exitCodes"
import type { BadInput } from "../input.ts"
import { plain } from "./format.ts"
import type { Words } from "./render.ts"

export interface Explained extends Words {
  readonly exitCode: number
}

export type CommandError = ClientError | BadInput

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
  IdempotencyKeyReused: exitCodes.usage,
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
  NotWritten: exitCodes.grid
}

/** Whether something thrown is one of the errors that have a sentence. */
export const isCommandError = (error: unknown): error is CommandError =>
  Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" && error._tag in codes

const wordsOf = (error: CommandError) => {
  switch (error._tag) {
    case "BadInput":
      return { what: error.what, why: "", fix: error.fix }
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
