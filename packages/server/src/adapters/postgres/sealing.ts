/** What the database holds and may not tell: environments, encrypted; jobs for comparison, as a MAC. */
import * as Redacted from "effect/Redacted"
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from "node:crypto"
import type { AccountId } from "rgrid/domain/Id"

/** First byte of everything sealed, so that keys and ciphers can change one day. */
const version = 1
const nonceBytes = 12
const tagBytes = 16

export interface Sealing {
  /** The account is bound in: a row moved to another account does not open. */
  readonly seal: (account: AccountId, text: string) => Uint8Array
  readonly open: (account: AccountId, sealed: Uint8Array) => string
  readonly fingerprint: (text: string) => Uint8Array
}

export const make = (encryptionKey: Redacted.Redacted<Uint8Array>): Sealing => {
  const raw = Redacted.value(encryptionKey)
  if (raw.length !== 32) throw new Error("The encryption key must be 32 bytes")
  // Made once: from bytes, each use makes the key anew and takes five times as long.
  const key = createSecretKey(raw)
  const macKey = createSecretKey(Buffer.from(hkdfSync("sha256", raw, "", "rgrid request fingerprint 1", 32)))
  return {
    seal: (account, text) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(account))
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
      return new Uint8Array(Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), body]))
    },
    open: (account, sealed) => {
      const bytes = Buffer.from(sealed)
      if (bytes[0] !== version) throw new Error(`Sealed in an unknown way: ${bytes[0]}`)
      const body = 1 + nonceBytes + tagBytes
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + nonceBytes), {
        authTagLength: tagBytes
      }).setAAD(Buffer.from(account)).setAuthTag(bytes.subarray(1 + nonceBytes, body))
      return Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]).toString("utf8")
    },
    fingerprint: (text) => new Uint8Array(createHmac("sha256", macKey).update(text).digest())
  }
}
