/** The server as one attempt sees it: every call is repeated until it is answered, and carries the attempt's token. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import { Api } from "rgrid/api/Api"
import type { SettleRequest, StdinPage } from "rgrid/api/Attempts"
import { AttemptAuthorization } from "rgrid/api/Authorization"
import type { AttemptStale, LogOffsetMismatch, Malformed, ServerFault, Unauthorized, Unavailable, Unprocessable } from "rgrid/api/Errors"
import type { MissingPart } from "rgrid/api/Executions"
import { isPassing } from "rgrid/api/isPassing"
import type { Assignment } from "rgrid/api/RunnerProtocol"
import type { Sha256 } from "rgrid/domain/JobSpec"
import type { SignedRequest } from "rgrid/ports/ObjectStore"
import type { Part } from "rgrid/ports/ExecutionStore"

/** The attempt holds its execution no more. Whatever it still did would be thrown away: stop, and tell nothing. */
export class Stale extends Schema.TaggedError<Stale>()("Stale", {}) {}

/** The attempt can't be brought to its end here, and not through its script's fault. */
export class Lost extends Schema.TaggedError<Lost>()("Lost", { detail: Schema.String }) {}

export interface AttemptClient {
  readonly started: Effect.Effect<void, Stale | Lost>
  /** Where the bytes of these parts are, by part. */
  readonly inputs: (
    parts: ReadonlyArray<Sha256>
  ) => Effect.Effect<Readonly<Record<string, SignedRequest>>, Stale | Lost>
  /** The next piece of a streamed stdin; waits a little for one. */
  readonly stdin: (offset: number) => Effect.Effect<StdinPage, Stale | Lost>
  /** The log's new length. */
  readonly append: (offset: number, frames: Uint8Array) => Effect.Effect<number, LogOffsetMismatch | Stale | Lost>
  /** Which of these the store lacks. */
  readonly outputs: (parts: ReadonlyArray<Part>) => Effect.Effect<ReadonlyArray<MissingPart>, Stale | Lost>
  readonly settle: (request: SettleRequest) => Effect.Effect<void, LogOffsetMismatch | Stale | Lost>
  readonly lose: (detail: string) => Effect.Effect<void, Stale | Lost>
}

const AttemptToken = Context.Reference<string>("@rgrid/runner/AttemptToken", { defaultValue: () => "" })

/** As long as it takes: the server's word, not a count, ends an attempt. */
export const untilAnswered = Schedule.jittered(
  Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")])
)

/** No answer came in time: the connection may be dead though nobody closed it. */
class Unanswered extends Schema.TaggedError<Unanswered>()("Unanswered", {}) {}

/** The longest the server may think about something small; settling may wait until a long log is safe. */
const patience = "1 minute"
const longPatience = "5 minutes"

/** How long the server waits for more stdin before it answers that there is none yet. */
const stdinSeconds = 20

type Answer =
  | Unanswered
  | HttpClientError
  | Schema.SchemaError
  | Malformed
  | ServerFault
  | Unauthorized
  | AttemptStale
  | Unavailable
  | Unprocessable

const isTransient = (error: Answer | LogOffsetMismatch): boolean => {
  if (["Unavailable", "Unanswered", "ServerFault"].includes(error._tag)) return true
  return error._tag === "HttpClientError" && (error.response === undefined || isPassing(error.response.status))
}

const meaning = (error: Answer | LogOffsetMismatch): Effect.Effect<never, LogOffsetMismatch | Stale | Lost> => {
  switch (error._tag) {
    case "LogOffsetMismatch":
      return Effect.fail(error)
    case "AttemptStale":
    case "Unauthorized":
      return Effect.fail(new Stale())
    case "Unprocessable":
      return Effect.fail(new Lost({ detail: `The server refused what the runner said: ${error.detail}` }))
    default:
      return Effect.fail(new Lost({ detail: `The server's answer makes no sense to this runner: ${error.message}` }))
  }
}

/** A call that is answered by a log's length only where a log is written. */
const withoutOffset = (error: LogOffsetMismatch | Stale | Lost): Stale | Lost =>
  error._tag === "LogOffsetMismatch" ? new Lost({ detail: "The server spoke of a log nobody asked about." }) : error

const makeClient = (baseUrl: string) =>
  Effect.gen(function*() {
    const httpClient = yield* HttpClient.HttpClient
    return yield* HttpApiClient.group(Api, { group: "attempts", httpClient, baseUrl })
  }).pipe(
    Effect.provide(HttpApiMiddleware.layerClient(
      AttemptAuthorization,
      ({ next, request }) =>
        Effect.flatMap(AttemptToken, (token) => next(HttpClientRequest.bearerToken(request, token)))
    ))
  )

const bind = (api: Effect.Success<ReturnType<typeof makeClient>>, assignment: Assignment): AttemptClient => {
  const params = { execution: assignment.execution, fence: assignment.fence }
  const ask = <A>(call: Effect.Effect<A, Answer | LogOffsetMismatch>, duration: Duration.Input = patience) =>
    call.pipe(
      Effect.timeoutOrElse({ duration, orElse: () => Effect.fail(new Unanswered()) }),
      Effect.retry({ schedule: untilAnswered, while: isTransient }),
      Effect.catch(meaning),
      Effect.provideService(AttemptToken, assignment.token)
    )
  const plainly = <A>(call: Effect.Effect<A, Answer>) => Effect.mapError(ask(call), withoutOffset)
  return {
    started: Effect.asVoid(plainly(api.started({ params }))),
    inputs: (parts) => Effect.map(plainly(api.inputs({ params, payload: { parts } })), (answer) => answer.parts),
    stdin: (offset) => plainly(api.stdin({ params, query: { offset, wait: stdinSeconds } })),
    append: (offset, frames) =>
      Effect.map(
        ask(api.append({ params, query: { offset }, payload: Stream.succeed(frames) })),
        (answer) => answer.length
      ),
    outputs: (parts) => Effect.map(plainly(api.outputs({ params, payload: { parts } })), (answer) => answer.missing),
    settle: (payload) => Effect.asVoid(ask(api.settle({ params, payload }), longPatience)),
    lose: (detail) => Effect.asVoid(plainly(api.lose({ params, payload: { detail } })))
  }
}

export class AttemptClients extends Context.Service<AttemptClients, {
  readonly of: (assignment: Assignment) => AttemptClient
  /** The request a signed one stands for; its URL may be relative to the server's. */
  readonly resolve: (signed: SignedRequest) => URL
}>()("@rgrid/runner/AttemptClients") {
  static readonly layer = (server: string): Layer.Layer<AttemptClients, never, HttpClient.HttpClient> =>
    Layer.effect(
      AttemptClients,
      Effect.map(makeClient(server), (api) =>
        AttemptClients.of({
          of: (assignment) => bind(api, assignment),
          resolve: (signed) => new URL(signed.url, server)
        }))
    )
}
