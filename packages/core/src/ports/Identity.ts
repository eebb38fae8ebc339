/** Who asks: a bearer token becomes an account and what it may do. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { KeyId, Scope } from "../domain/ApiKey.ts"
import type { AccountId } from "../domain/Id.ts"
import type { Principal } from "../domain/Principal.ts"
import type { StoreUnavailable } from "./ExecutionStore.ts"

/** The token is malformed, unknown or revoked: never told which, so that nothing can be probed. */
export class BadCredential extends Schema.TaggedError<BadCredential>()("BadCredential", {}) {}

export class UnknownKey extends Schema.TaggedError<UnknownKey>()("UnknownKey", { id: Schema.String }) {}

export type { Principal } from "../domain/Principal.ts"

export interface KeyRecord {
  readonly id: KeyId
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly revokedAt: number | null
}

export class Identity extends Context.Service<Identity, {
  /** Constant time in the secret. A revoked key fails from the moment `revoke` returned. */
  readonly authenticate: (token: string) => Effect.Effect<Principal, BadCredential | StoreUnavailable>
  /** A new key of the account. The key in the answer is never shown again. */
  readonly create: (
    account: AccountId,
    name: string,
    scopes: ReadonlyArray<Scope>
  ) => Effect.Effect<{ readonly record: KeyRecord; readonly key: string }, StoreUnavailable>
  readonly list: (account: AccountId) => Effect.Effect<ReadonlyArray<KeyRecord>, StoreUnavailable>
  /** At once. Idempotent. */
  readonly revoke: (account: AccountId, id: KeyId) => Effect.Effect<KeyRecord, UnknownKey | StoreUnavailable>
  /** The first account of a fresh grid and an admin key for it; the same account for the same given key afterwards. */
  readonly bootstrap: (key: string) => Effect.Effect<Principal, StoreUnavailable | BadCredential>
}>()("rgrid/ports/Identity") {}
