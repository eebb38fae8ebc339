import type { ClientError } from "../client/errors.ts"
import type { Sentence } from "../client/sentences.ts"

/** What stopped a call. */
export type ErrorCode =
  // What was asked for can't be: changed, the call may succeed.
  | "ScriptMissing"
  | "ScriptNotAFile"
  | "SyntaxRejected"
  | "UnknownRuntime"
  | "RuntimeUndetected"
  | "RuntimeUnsuitable"
  | "MalformedEnv"
  | "OptionRefused"
  | "InputRefused"
  | "InputChanged"
  | "IncludeUnmatched"
  | "RequirementsMissing"
  | "RequirementsRefused"
  | "BatchEmpty"
  | "BatchTooLarge"
  | "BatchPatternUnmatched"
  | "BatchListRefused"
  | "ReplacementUnknown"
  // There is none such, or it is not as far.
  | "ExecutionUnknown"
  | "ExecutionAmbiguous"
  | "ExecutionUnended"
  | "ExecutionUnrepeatable"
  | "BatchUnknown"
  | "KeyUnknown"
  // Which grid was meant, and with which key.
  | "ConnectionIncomplete"
  | "CredentialsUnusable"
  | "ProfileUnknown"
  | "ProfileIncomplete"
  | "ConfigRefused"
  | "KeyRefused"
  | "KeyNotAccepted"
  // The grid, or the disk here.
  | "ServerUnreachable"
  | "GridNotStarted"
  | "GridRefused"
  | "IdempotencyKeyReused"
  | "NotWritten"

/** Known to the client and not here, or here and unknown there: neither compiles. */
const retryable: Readonly<Record<ErrorCode, boolean>> & Readonly<Record<ClientError["_tag"], boolean>> = {
  ScriptMissing: false,
  ScriptNotAFile: false,
  SyntaxRejected: false,
  UnknownRuntime: false,
  RuntimeUndetected: false,
  RuntimeUnsuitable: false,
  MalformedEnv: false,
  OptionRefused: false,
  InputRefused: false,
  InputChanged: true,
  IncludeUnmatched: false,
  RequirementsMissing: false,
  RequirementsRefused: false,
  BatchEmpty: false,
  BatchTooLarge: false,
  BatchPatternUnmatched: false,
  BatchListRefused: false,
  ReplacementUnknown: false,
  ExecutionUnknown: false,
  ExecutionAmbiguous: false,
  ExecutionUnended: true,
  ExecutionUnrepeatable: false,
  BatchUnknown: false,
  KeyUnknown: false,
  ConnectionIncomplete: false,
  CredentialsUnusable: false,
  ProfileUnknown: false,
  ProfileIncomplete: false,
  ConfigRefused: false,
  KeyRefused: false,
  KeyNotAccepted: false,
  ServerUnreachable: true,
  GridNotStarted: true,
  // Where it says that it passes.
  GridRefused: false,
  IdempotencyKeyReused: false,
  NotWritten: false
}

/** Why a call of this library failed. A script that failed is not among them: that is a result. */
export class RGridError extends Error {
  override readonly name = "RGridError"
  /** Stable, one word: `KeyRefused`, `ServerUnreachable`, `ScriptMissing`, … */
  readonly code: ErrorCode
  /** The same call may succeed later, unchanged. */
  readonly retryable: boolean
  /** What to type or change. */
  readonly remediation: string

  constructor(
    message: string,
    about: { readonly code: ErrorCode; readonly retryable: boolean; readonly remediation: string; readonly cause?: unknown }
  ) {
    super(message, { cause: about.cause })
    this.code = about.code
    this.retryable = about.retryable
    this.remediation = about.remediation
  }
}

/** In one line: what happened, and why where that is known. */
export const messageOf = ({ what, why }: Pick<Sentence, "what" | "why">): string =>
  [what, why].filter((text) => text !== "").join(" ")

const errorOf = (cause: ClientError, sentence: Sentence): RGridError =>
  new RGridError(messageOf(sentence), {
    code: cause._tag,
    retryable: retryable[cause._tag] || (cause._tag === "GridRefused" && cause.passing === true),
    remediation: sentence.fix,
    cause
  })

/** With its words, which are loaded with the first. */
export const told = async (error: ClientError): Promise<RGridError> => {
  const { librarySentence } = await import("../client/librarySentences.ts")
  return errorOf(error, librarySentence(error))
}
