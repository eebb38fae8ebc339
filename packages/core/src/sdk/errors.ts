import type { ClientError } from "../client/errors.ts"
import type { Sentence } from "../client/sentences.ts"

/** What stopped a call. */
export type ErrorCode = ClientError["_tag"]

/** Why a call of this library failed. A script that failed is not among them: that is a result. */
export class RGridError extends Error {
  override readonly name = "RGridError"
  /** Stable, one word: `KeyRefused`, `ServerUnreachable`, `ScriptMissing`, … */
  readonly code: ErrorCode
  /** The same call may succeed later, unchanged. */
  readonly retryable: boolean
  /** What to type or change. */
  readonly remediation: string

  /** @internal */
  constructor(error: ClientError, { fix, what, why }: Sentence) {
    super([what, why].filter((text) => text !== "").join(" "), { cause: error })
    this.code = error._tag
    this.retryable = error._tag === "ServerUnreachable" || error._tag === "GridNotStarted"
    this.remediation = fix
  }
}

/** With its words, which are loaded with the first. */
export const told = async (error: ClientError): Promise<RGridError> => {
  const { sentence } = await import("../client/sentences.ts")
  return new RGridError(error, sentence(error))
}
