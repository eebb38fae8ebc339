import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Api } from "rgrid/api/Api"
import { CurrentPrincipal } from "rgrid/api/Authorization"
import { Forbidden, NotFound } from "rgrid/api/Errors"
import { KeyId } from "rgrid/domain/ApiKey"
import { Identity, type KeyRecord } from "rgrid/ports/Identity"
import { RunnerSessions } from "../runners/RunnerSessions.ts"
import { answers } from "./translate.ts"

const shown = ({ createdAt, id, name, revokedAt, scopes }: KeyRecord) => ({
  id,
  name,
  scopes,
  createdAt: DateTime.makeUnsafe(createdAt),
  revokedAt: revokedAt === null ? null : DateTime.makeUnsafe(revokedAt)
})

/** Keys make keys: only an admin's may. */
const admin = Effect.flatMap(CurrentPrincipal, (principal) =>
  principal.scopes.includes("admin") ? Effect.succeed(principal) : Effect.fail(new Forbidden({ scope: "admin" })))

const isKeyId = Schema.is(KeyId)

const unavailable = { StoreUnavailable: answers.StoreUnavailable } as const

export const account = HttpApiBuilder.group(Api, "account", Effect.fn(function*(handlers) {
  const identity = yield* Identity
  const sessions = yield* RunnerSessions
  return handlers.handleAll({
    validate: () => Effect.map(CurrentPrincipal, ({ account, key, scopes }) => ({ account, key, scopes })),
    workers: () => sessions.workers,
    keys: () =>
      Effect.flatMap(CurrentPrincipal, ({ account }) => identity.list(account)).pipe(
        Effect.map((records) => records.map(shown)),
        Effect.catchTags(unavailable)
      ),
    createKey: ({ payload: { name, scopes } }) =>
      Effect.flatMap(admin, ({ account }) => identity.create(account, name, scopes)).pipe(
        Effect.map(({ key, record }) => ({ record: shown(record), key })),
        Effect.catchTags(unavailable)
      ),
    revokeKey: Effect.fnUntraced(function*({ params: { id } }) {
      const { account } = yield* admin
      if (!isKeyId(id)) return yield* new NotFound({ what: "key", id })
      return shown(yield* identity.revoke(account, id))
    }, Effect.catchTags({ ...unavailable, UnknownKey: answers.UnknownKey }))
  })
}))
