/** The port to API keys in memory: for tests and for a first look. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type ApiKeyParts, format, generate, type KeyId, parse, type Scope } from "../domain/ApiKey.ts"
import { type AccountId, accountId } from "../domain/Id.ts"
import { BadCredential, Identity, type KeyRecord, type Principal, UnknownKey } from "../ports/Identity.ts"

interface Kept {
  readonly account: AccountId
  readonly key: string
  readonly record: KeyRecord
}

const refused = Effect.fail(new BadCredential({}))

/** As long for the first differing character as for the last. */
const equal = (a: string, b: string): boolean => {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length)
  return difference === 0
}

const keeping = (keys: Map<KeyId, Kept>) =>
  Effect.fnUntraced(function*(account: AccountId, name: string, scopes: ReadonlyArray<Scope>, parts: ApiKeyParts) {
    const createdAt = yield* Clock.currentTimeMillis
    const record: KeyRecord = { id: parts.id, name, scopes, createdAt, revokedAt: null }
    const kept: Kept = { account, key: format(parts), record }
    keys.set(parts.id, kept)
    return kept
  })

const principalOf = ({ account, record }: Kept): Principal => ({ account, key: record.id, scopes: record.scopes })

export const make: Effect.Effect<Identity["Service"]> = Effect.sync(() => {
  const keys = new Map<KeyId, Kept>()
  const keep = keeping(keys)
  const known = (token: string) => Option.map(parse(token), ({ id }) => keys.get(id))
  const check = (kept: Kept, token: string) =>
    equal(kept.key, token) && kept.record.revokedAt === null ? Effect.succeed(principalOf(kept)) : refused
  return {
    authenticate: (token) =>
      Effect.suspend(() => {
        const kept = Option.getOrUndefined(known(token))
        return kept === undefined ? refused : check(kept, token)
      }),
    create: (account, name, scopes) =>
      Effect.map(keep(account, name, scopes, generate()), ({ key, record }) => ({ record, key })),
    list: (account) =>
      Effect.sync(() => [...keys.values()].filter((kept) => kept.account === account).map(({ record }) => record)),
    revoke: Effect.fnUntraced(function*(account, id) {
      const kept = keys.get(id)
      if (kept?.account !== account) return yield* new UnknownKey({ id })
      const record = { ...kept.record, revokedAt: kept.record.revokedAt ?? (yield* Clock.currentTimeMillis) }
      keys.set(id, { ...kept, record })
      return record
    }),
    bootstrap: Effect.fnUntraced(function*(token) {
      const parts = yield* Effect.mapError(Effect.fromOption(parse(token)), () => new BadCredential({}))
      const kept = keys.get(parts.id)
      if (kept !== undefined) return yield* check(kept, token)
      const [first] = keys.values()
      const account = first?.account ?? accountId(yield* Clock.currentTimeMillis)
      return principalOf(yield* keep(account, "bootstrap", ["user", "runner", "admin"], parts))
    })
  }
})

export const layer: Layer.Layer<Identity> = Layer.effect(Identity, make)
