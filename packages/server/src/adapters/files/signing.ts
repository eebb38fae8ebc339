/** Requests that may be made by whoever holds them: bound to method, key, size and hash, until they expire. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHmac, timingSafeEqual } from "node:crypto"
import { Sha256 } from "rgrid/domain/JobSpec"
import type { Part } from "rgrid/ports/ExecutionStore"
import type { ContentMismatch, ObjectsUnavailable, SignedRequest } from "rgrid/ports/ObjectStore"

export class SignatureRefused extends Schema.TaggedError<SignatureRefused>()("SignatureRefused", {
  reason: Schema.Literals(["malformed", "wrong", "expired"])
}) {}

/** What a verified request may do. A PUT stores exactly `part`. */
export interface Permit {
  readonly key: string
  readonly part: Part | null
}

export class SignedObjects extends Context.Service<SignedObjects, {
  readonly verify: (method: "GET" | "PUT", url: URL) => Effect.Effect<Permit, SignatureRefused>
  /** As the store's `put`, of a file handed over on its disk (`api/handing.ts`). Hashed like what comes from afar. */
  readonly take: (key: string, part: Part, name: string) => Effect.Effect<void, ContentMismatch | ObjectsUnavailable>
}>()("@rgrid/server/adapters/files/SignedObjects") {}

export const prefix = "/objects/"

const statement = (method: string, key: string, query: URLSearchParams): string =>
  [method, key, query.get("size") ?? "", query.get("sha256") ?? "", query.get("expires") ?? ""].join("\n")

const mac = (signingKey: Uint8Array, text: string): Buffer =>
  createHmac("sha256", signingKey).update(`object:${text}`).digest()

export const sign = (signingKey: Uint8Array) =>
  Effect.fnUntraced(function*(method: "GET" | "PUT", key: string, part: Part | null, expires: Duration.Duration) {
    const now = yield* Clock.currentTimeMillis
    const query = new URLSearchParams({ expires: String(Math.ceil((now + Duration.toMillis(expires)) / 1000)) })
    if (part !== null) {
      query.set("size", String(part.size))
      query.set("sha256", part.sha256)
    }
    query.set("sig", mac(signingKey, statement(method, key, query)).toString("base64url"))
    return { url: `${prefix}${key}?${query}`, headers: {} } satisfies SignedRequest
  })

const partOf = (query: URLSearchParams): Part | null => {
  const size = Number(query.get("size"))
  const sha256 = query.get("sha256")
  return sha256 !== null && Schema.is(Sha256)(sha256) && Number.isSafeInteger(size) ? { sha256, size } : null
}

export const verify = (signingKey: Uint8Array): SignedObjects["Service"]["verify"] =>
  Effect.fnUntraced(function*(method, url) {
    if (!url.pathname.startsWith(prefix)) return yield* new SignatureRefused({ reason: "malformed" })
    const key = url.pathname.slice(prefix.length)
    const given = Buffer.from(url.searchParams.get("sig") ?? "", "base64url")
    const expected = mac(signingKey, statement(method, key, url.searchParams))
    if (given.length !== expected.length) return yield* new SignatureRefused({ reason: "malformed" })
    if (!timingSafeEqual(given, expected)) return yield* new SignatureRefused({ reason: "wrong" })
    const now = yield* Clock.currentTimeMillis
    if (Number(url.searchParams.get("expires")) * 1000 < now) return yield* new SignatureRefused({ reason: "expired" })
    const part = partOf(url.searchParams)
    if (method === "PUT" && part === null) return yield* new SignatureRefused({ reason: "malformed" })
    return { key, part }
  })
