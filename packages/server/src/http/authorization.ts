/** Bearer tokens become principals and attempts. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as HttpRouter from "effect/http/HttpRouter"
import { AttemptAuthorization, Authorization, CurrentAttempt, CurrentPrincipal } from "rgrid/api/Authorization"
import { Forbidden, Unauthorized } from "rgrid/api/Errors"
import { Identity } from "rgrid/ports/Identity"
import { AttemptTokens } from "../AttemptToken.ts"
import { answers } from "./translate.ts"

export const authorization = Layer.effect(Authorization, Effect.gen(function*() {
  const identity = yield* Identity
  return Authorization.of({
    key: Effect.fnUntraced(function*(app, { credential }) {
      const principal = yield* identity.authenticate(Redacted.value(credential)).pipe(Effect.catchTags({
        BadCredential: () => Effect.fail(new Unauthorized()),
        StoreUnavailable: answers.StoreUnavailable
      }))
      const allowed = principal.scopes.includes("user") || principal.scopes.includes("admin")
      if (!allowed) return yield* new Forbidden({ scope: "user" })
      return yield* Effect.provideService(app, CurrentPrincipal, principal)
    })
  })
}))

/** A token opens its own attempt's paths and no other's. */
export const attemptAuthorization = Layer.effect(AttemptAuthorization, Effect.gen(function*() {
  const tokens = yield* AttemptTokens
  return AttemptAuthorization.of({
    attempt: Effect.fnUntraced(function*(app, { credential }) {
      const attempt = tokens.verify(Redacted.value(credential))
      const { params } = yield* HttpRouter.RouteContext
      const its = Option.isSome(attempt) && params["execution"] === attempt.value.execution &&
        params["fence"] === String(attempt.value.fence)
      if (!its) return yield* new Unauthorized()
      return yield* Effect.provideService(app, CurrentAttempt, attempt.value)
    })
  })
}))
