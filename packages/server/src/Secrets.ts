/**
 * What a control plane must keep to itself and must not lose: `<data>/secrets.json`, mode 0600, made once. It lies beside
 * the database and not in it, so that a copy of the database alone opens nothing.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { randomBytes } from "node:crypto"
import { chmod, link, mkdir, open, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { DataDirectoryUnusable, SecretsDamaged } from "./failures.ts"

const Key = Schema.Uint8ArrayFromBase64.check(
  Schema.makeFilter((bytes: Uint8Array) => bytes.length === 32 || "32 bytes")
)

const Stored = Schema.Struct({
  pepper: Schema.Struct({ version: Schema.Int, key: Key }),
  encryptionKey: Key,
  signingKey: Key
})

export interface Secrets {
  /** API keys are kept as HMACs under it. */
  readonly pepper: { readonly version: number; readonly key: Redacted.Redacted<Uint8Array> }
  /** Environment values are sealed under it. */
  readonly encryptionKey: Redacted.Redacted<Uint8Array>
  /** URLs and attempt tokens are signed with it. */
  readonly signingKey: Redacted.Redacted<Uint8Array>
}

const fresh = (): string => {
  const key = () => randomBytes(32).toString("base64")
  return `${JSON.stringify({ pepper: { version: 1, key: key() }, encryptionKey: key(), signingKey: key() })}\n`
}

/** Written whole under another name and linked: of two that start at once, one wins, and neither sees half a file. */
const create = async (path: string): Promise<void> => {
  const temporary = `${path}.${randomBytes(8).toString("hex")}`
  const file = await open(temporary, "wx", 0o600)
  try {
    await file.writeFile(fresh())
    await file.sync()
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error
    })
  } finally {
    await file.close()
    await rm(temporary, { force: true })
  }
}

const text = async (path: string): Promise<string> => {
  const existing = () => readFile(path, "utf8")
  return existing().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error
    await create(path)
    return existing()
  })
}

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Stored))

/** Makes the data directory and the secrets on the first start; reads them on every other. */
export const load = Effect.fnUntraced(function*(dataDirectory: string) {
  const path = join(dataDirectory, "secrets.json")
  const stored = yield* Effect.tryPromise({
    try: async () => {
      await mkdir(dataDirectory, { recursive: true })
      const found = await text(path)
      await chmod(path, 0o600)
      return found
    },
    catch: (cause) =>
      new DataDirectoryUnusable({ path: dataDirectory, cause: cause instanceof Error ? cause.message : String(cause) })
  })
  const { encryptionKey, pepper, signingKey } = yield* decode(stored).pipe(
    Effect.mapError(() => new SecretsDamaged({ path }))
  )
  return {
    pepper: { version: pepper.version, key: Redacted.make(pepper.key) },
    encryptionKey: Redacted.make(encryptionKey),
    signingKey: Redacted.make(signingKey)
  } satisfies Secrets
})
