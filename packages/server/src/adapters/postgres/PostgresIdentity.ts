/** The port to API keys over Postgres. Nothing is cached: a revoked key fails with the next look at its row. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ApiKeyParts, format, generate, type KeyId, parse, type Scope } from "rgrid/domain/ApiKey"
import { type AccountId, accountId } from "rgrid/domain/Id"
import { BadCredential, type Identity, type KeyRecord, type Principal, UnknownKey } from "rgrid/ports/Identity"
import { keep, type Kept, matches, type Pepper } from "./apiKeys.ts"
import type { Database } from "./Database.ts"
import { unavailable } from "./errors.ts"

interface RecordRow {
  readonly id: KeyId
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
  readonly created_at: Date
  readonly revoked_at: Date | null
}

interface KeyRow extends RecordRow, Kept {
  readonly account_id: AccountId
}

const recordOf = (row: RecordRow): KeyRecord => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.created_at.getTime(),
  revokedAt: row.revoked_at?.getTime() ?? null
})

const shown = "id, name, scopes, created_at, revoked_at"

const refused = Effect.fail(new BadCredential({}))

/** Serialises first starts: of two servers on an empty database one makes the account. */
const bootstrapLock = 74_744

const insertKey = (
  sql: Database["app"],
  account: AccountId,
  name: string,
  scopes: ReadonlyArray<Scope>,
  key: ApiKeyParts,
  kept: Kept
) =>
  sql<RecordRow>`
    insert into api_keys (id, account_id, name, scopes, mac, pepper_version)
    values (${key.id}, ${account}, ${name}, ${scopes}::text[], ${kept.mac}, ${kept.pepper_version})
    returning ${sql.literal(shown)}`

const authenticating = (db: Database, peppers: ReadonlyArray<Pepper>) =>
  Effect.fnUntraced(function*(key: ApiKeyParts) {
    const sql = db.grid
    const [row] = yield* sql<KeyRow>`
      select ${sql.literal(shown)}, account_id, mac, pepper_version from api_keys where id = ${key.id}`
    if (row === undefined) return Option.none<Principal>()
    if (!matches(peppers, key, row) || row.revoked_at !== null) return yield* refused
    return Option.some<Principal>({ account: row.account_id, key: row.id, scopes: row.scopes })
  })

const bootstrapping = (db: Database, peppers: readonly [Pepper, ...Array<Pepper>]) => {
  const sql = db.grid
  const authenticate = authenticating(db, peppers)
  const admin = Effect.fnUntraced(function*(key: ApiKeyParts) {
    yield* sql`select pg_advisory_xact_lock(${bootstrapLock})`
    const known = yield* authenticate(key)
    if (Option.isSome(known)) return known.value
    const [first] = yield* sql<{ id: AccountId }>`select id from accounts order by created_at, id limit 1`
    const account = first?.id ?? accountId(yield* Clock.currentTimeMillis)
    if (first === undefined) yield* sql`insert into accounts (id) values (${account})`
    const scopes = ["user", "runner", "admin"] as const
    yield* insertKey(sql, account, "bootstrap", scopes, key, keep(peppers[0], key))
    return { account, key: key.id, scopes } satisfies Principal
  })
  return (text: string) =>
    Option.match(parse(text), {
      onNone: () => refused,
      onSome: (key) => unavailable(sql.withTransaction(admin(key)))
    })
}

/** `peppers`: the newest first. */
export const make = (db: Database, peppers: readonly [Pepper, ...Array<Pepper>]): Identity["Service"] => {
  const sql = db.app
  const authenticate = authenticating(db, peppers)
  return {
    authenticate: (token) =>
      Option.match(parse(token), {
        onNone: () => refused,
        onSome: (key) =>
          unavailable(Effect.flatMap(authenticate(key), (known) =>
            Option.isSome(known) ? Effect.succeed(known.value) : refused))
      }),
    create: (account, name, scopes) =>
      Effect.suspend(() => {
        const key = generate()
        return unavailable(db.asAccount(account, insertKey(sql, account, name, scopes, key, keep(peppers[0], key))))
          .pipe(Effect.map(([row]) => ({ record: recordOf(row!), key: format(key) })))
      }),
    list: (account) =>
      unavailable(db.asAccount(account, sql<RecordRow>`
        select ${sql.literal(shown)} from api_keys where account_id = ${account} order by created_at, id`))
        .pipe(Effect.map((rows) => rows.map(recordOf))),
    revoke: (account, id) =>
      unavailable(db.asAccount(account, sql<RecordRow>`
        update api_keys set revoked_at = coalesce(revoked_at, now()) where account_id = ${account} and id = ${id}
        returning ${sql.literal(shown)}`))
        .pipe(Effect.flatMap(([row]) =>
          row === undefined ? Effect.fail(new UnknownKey({ id })) : Effect.succeed(recordOf(row))
        )),
    bootstrap: bootstrapping(db, peppers)
  }
}
