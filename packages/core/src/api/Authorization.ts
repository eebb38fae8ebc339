/** The two credentials of the API: an account's key, and the token of one attempt. */
import * as Context from "effect/Context"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import type { Attempt } from "../domain/Attempt.ts"
import type { Principal } from "../domain/Principal.ts"
import { Forbidden, Unauthorized, Unavailable } from "./Errors.ts"

export class CurrentPrincipal extends Context.Service<CurrentPrincipal, Principal>()("rgrid/api/CurrentPrincipal") {}

/** `Authorization: Bearer rgrid_live_…`. */
export class Authorization extends HttpApiMiddleware.Service<
  Authorization,
  { provides: CurrentPrincipal; requires: never }
>()("rgrid/api/Authorization", {
  requiredForClient: true,
  security: { key: HttpApiSecurity.bearer },
  error: [Unauthorized, Forbidden, Unavailable]
}) {}

export class CurrentAttempt extends Context.Service<CurrentAttempt, Attempt>()("rgrid/api/CurrentAttempt") {}

/** The token that a claim came with: good for that attempt's inputs, log, outputs and end, and for nothing else. */
export class AttemptAuthorization extends HttpApiMiddleware.Service<
  AttemptAuthorization,
  { provides: CurrentAttempt; requires: never }
>()("rgrid/api/AttemptAuthorization", {
  requiredForClient: true,
  security: { attempt: HttpApiSecurity.bearer },
  error: Unauthorized
}) {}
