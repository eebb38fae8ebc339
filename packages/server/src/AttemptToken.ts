/**
 * The credential of one attempt: `rgrid_attempt_<execution>_<fence>_<HMAC-SHA-256>`. Nothing is stored: whoever holds the
 * signing key can check it, and it is worth nothing once another attempt holds the execution.
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { createHmac, timingSafeEqual } from "node:crypto"
import { ExecutionId } from "rgrid/domain/Id"
import type { Attempt } from "rgrid/ports/ExecutionStore"

const pattern = /^rgrid_attempt_(exec_[0-9a-hjkmnp-tv-z]{26})_(\d{1,9})_([A-Za-z0-9_-]{43})$/

const sign = (key: Redacted.Redacted<Uint8Array>, { execution, fence }: Attempt): string =>
  createHmac("sha256", Redacted.value(key)).update(`attempt:${execution}:${fence}`).digest("base64url")

const verify = (key: Redacted.Redacted<Uint8Array>, token: string): Option.Option<Attempt> => {
  const match = pattern.exec(token)
  if (match === null) return Option.none()
  const attempt = { execution: ExecutionId.make(match[1]!), fence: Number(match[2]) }
  const same = timingSafeEqual(Buffer.from(sign(key, attempt)), Buffer.from(match[3]!))
  return same ? Option.some(attempt) : Option.none()
}

export class AttemptTokens extends Context.Service<AttemptTokens, {
  readonly make: (attempt: Attempt) => string
  /** The attempt it was made for; none for anything else. Constant time. */
  readonly verify: (token: string) => Option.Option<Attempt>
}>()("@rgrid/server/AttemptTokens") {
  static readonly layer = (key: Redacted.Redacted<Uint8Array>): Layer.Layer<AttemptTokens> =>
    Layer.succeed(AttemptTokens, {
      make: (attempt) => `rgrid_attempt_${attempt.execution}_${attempt.fence}_${sign(key, attempt)}`,
      verify: (token) => verify(key, token)
    })
}
