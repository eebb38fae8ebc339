import type { ClientError } from "../client/errors.ts"
import { sentence } from "../client/sentences.ts"

/** Why a call of this library failed. A script that failed is not among them: that is a result. */
export class RGridError extends Error {
  override readonly name = "RGridError"
  /** Stable, one word: `KeyRefused`, `ServerUnreachable`, `ScriptMissing`, … */
  readonly code: string
  /** The same call may succeed later. */
  readonly retryable: boolean
  /** What to type or change. */
  readonly remediation: string

  constructor(error: ClientError) {
    const { what, why, fix } = sentence(error)
    super([what, why].filter((text) => text !== "").join(" "), { cause: error })
    this.code = error._tag
    this.retryable = error._tag === "ServerUnreachable" || error._tag === "GridNotStarted"
    this.remediation = fix
  }
}
