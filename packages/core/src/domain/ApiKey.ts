/**
 * API keys: `rgrid_live_<id>_<secret>`, 43 base-62 characters of secret (256 bits). Stored as id and HMAC-SHA-256 under a
 * pepper: a random secret gains nothing from a slow hash. The id is public, so that a key can be named and revoked.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export const Scope = Schema.Literals(["user", "runner", "admin"]).annotate({ identifier: "Scope" })
export type Scope = typeof Scope.Type

export const KeyId = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z]{12}$/)).pipe(Schema.brand("KeyId"))
export type KeyId = typeof KeyId.Type

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const base62 = (length: number): string => {
  let text = ""
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      // 248 = 4 × 62: dropping the rest keeps every digit equally likely.
      if (byte < 248 && text.length < length) text += digits[byte % 62]
    }
  }
  return text
}

export interface ApiKeyParts {
  readonly id: KeyId
  readonly secret: string
}

const pattern = /^rgrid_live_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})$/

/** A new random key, in parts. The whole is shown once and never stored. */
export const generate = (): ApiKeyParts => ({ id: KeyId.make(base62(12)), secret: base62(43) })

export const format = (key: ApiKeyParts): string => `rgrid_live_${key.id}_${key.secret}`

/** The parts of a well-formed key; none for anything else, without telling what is wrong with it. */
export const parse = (text: string): Option.Option<ApiKeyParts> => {
  const match = pattern.exec(text)
  return match === null ? Option.none() : Option.some({ id: KeyId.make(match[1]!), secret: match[2]! })
}
