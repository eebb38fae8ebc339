/** How API keys are kept: HMAC-SHA-256 under a pepper that the database never sees. */
import * as Redacted from "effect/Redacted"
import { createHmac, timingSafeEqual } from "node:crypto"
import { type ApiKeyParts, format } from "rgrid/domain/ApiKey"

/** A secret of the grid. New keys are made under the newest; old ones hold as long as their pepper is given. */
export interface Pepper {
  readonly version: number
  readonly key: Redacted.Redacted<Uint8Array>
}

export interface Kept {
  readonly mac: Uint8Array
  readonly pepper_version: number
}

export const keep = (pepper: Pepper, key: ApiKeyParts): Kept => ({
  mac: new Uint8Array(createHmac("sha256", Redacted.value(pepper.key)).update(format(key)).digest()),
  pepper_version: pepper.version
})

/** In constant time. False for a key whose pepper is gone. */
export const matches = (peppers: ReadonlyArray<Pepper>, key: ApiKeyParts, kept: Kept): boolean => {
  const pepper = peppers.find(({ version }) => version === kept.pepper_version)
  return pepper !== undefined && timingSafeEqual(keep(pepper, key).mac, kept.mac)
}
