/** Who asks for a WebSocket: it is answered before the upgrade, since afterwards nobody reads an answer. */
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { Scope } from "rgrid/domain/ApiKey"
import { Identity, type Principal } from "rgrid/ports/Identity"

type Answer = HttpServerResponse.HttpServerResponse

const say = (status: number, tag: string) => HttpServerResponse.jsonUnsafe({ _tag: tag }, { status })

/** The principal, or the answer that refuses it. */
export const bearer = (scopes: ReadonlyArray<Scope>): Effect.Effect<
  Principal,
  Answer,
  Identity | HttpServerRequest.HttpServerRequest
> =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const token = /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1]
    if (token === undefined) return yield* Effect.fail(say(401, "Unauthorized"))
    const principal = yield* Identity.use((identity) => identity.authenticate(token)).pipe(
      Effect.mapError((error) =>
        error._tag === "BadCredential" ? say(401, "Unauthorized") : say(503, "Unavailable")
      )
    )
    if (!principal.scopes.some((scope) => scopes.includes(scope))) return yield* Effect.fail(say(403, "Forbidden"))
    return principal
  })
