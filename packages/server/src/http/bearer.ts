/** Who asks for a WebSocket: it is answered before the upgrade, since afterwards nobody reads an answer. */
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Forbidden, type Problem, Unauthorized, Unavailable } from "rgrid/api/Errors"
import type { Scope } from "rgrid/domain/ApiKey"
import { Identity, type Principal } from "rgrid/ports/Identity"
import { answer } from "./problems.ts"

type Answer = HttpServerResponse.HttpServerResponse

const refuse = (problem: Problem) => Effect.flatMap(answer(problem), Effect.fail)

/** The principal, or the answer that refuses it. */
export const bearer = (scopes: ReadonlyArray<Scope>): Effect.Effect<
  Principal,
  Answer,
  Identity | HttpServerRequest.HttpServerRequest
> =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const token = /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1]
    if (token === undefined) return yield* refuse(new Unauthorized())
    const principal = yield* Identity.use((identity) => identity.authenticate(token)).pipe(
      Effect.catchTags({
        BadCredential: () => refuse(new Unauthorized()),
        StoreUnavailable: ({ detail }) => refuse(new Unavailable({ part: "database", detail }))
      })
    )
    if (!principal.scopes.some((scope) => scopes.includes(scope))) return yield* refuse(new Forbidden({ scope: scopes[0] ?? "user" }))
    return principal
  })
