/** The typed HTTP client of one grid, with errors a caller can act on. Every call it offers may be repeated safely. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import { isPassing } from "../api/isPassing.ts"
import { AccountGroup } from "../api/Account.ts"
import { Authorization } from "../api/Authorization.ts"
import type {
  Ambiguous,
  Forbidden,
  KeyReused,
  NotFound,
  Unauthorized,
  Unavailable,
  Unended,
  Unprocessable,
  Unrepeatable
} from "../api/Errors.ts"
import { BatchesGroup } from "../api/Batches.ts"
import { CachesGroup } from "../api/Caches.ts"
import { CostsGroup } from "../api/Costs.ts"
import { ExecutionsGroup } from "../api/Executions.ts"
import { Connection } from "./Connection.ts"
import { patiently, tries } from "./patience.ts"
import {
  BatchUnknown,
  ExecutionAmbiguous,
  ExecutionUnended,
  ExecutionUnknown,
  ExecutionUnrepeatable,
  type GridError,
  GridRefused,
  IdempotencyKeyReused,
  KeyRefused,
  KeyUnknown,
  ServerUnreachable
} from "./errors.ts"

/** The part of the contract that callers use; the rest belongs to runners. */
class CallerApi extends HttpApi.make("rgrid").add(ExecutionsGroup).add(BatchesGroup).add(AccountGroup).add(CostsGroup).add(CachesGroup) {}

type Calls = HttpApiClient.ForApi<typeof CallerApi>

const once = <A>(make: () => A): () => A => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}

/** A group of calls is made when one of them is asked for: all of them take longer than most programs ask. */
const calls = ({ key, url }: Connection["Service"], httpClient: HttpClient.HttpClient): Calls => {
  const authorized = HttpApiMiddleware.layerClient(
    Authorization,
    ({ next, request }) => next(HttpClientRequest.bearerToken(request, Redacted.value(key)))
  )
  const make = <A>(group: Effect.Effect<A, never, HttpApiMiddleware.ForClient<Authorization>>): A =>
    Effect.runSync(Effect.provide(group, authorized))
  const options = { httpClient, baseUrl: url }
  const groups = {
    executions: once(() => make(HttpApiClient.group(CallerApi, { group: "executions", ...options }))),
    batches: once(() => make(HttpApiClient.group(CallerApi, { group: "batches", ...options }))),
    account: once(() => make(HttpApiClient.group(CallerApi, { group: "account", ...options }))),
    costs: once(() => make(HttpApiClient.group(CallerApi, { group: "costs", ...options }))),
    caches: once(() => make(HttpApiClient.group(CallerApi, { group: "caches", ...options })))
  }
  return {
    get executions() {
      return groups.executions()
    },
    get batches() {
      return groups.batches()
    },
    get account() {
      return groups.account()
    },
    get costs() {
      return groups.costs()
    },
    get caches() {
      return groups.caches()
    }
  }
}

type Answer =
  | HttpClientError
  | Schema.SchemaError
  | Unauthorized
  | Forbidden
  | NotFound
  | Ambiguous
  | Unended
  | Unrepeatable
  | KeyReused
  | Unprocessable
  | Unavailable

const isTransient = (error: Answer): boolean =>
  error._tag === "Unavailable" || (error._tag === "HttpClientError" && error.response === undefined) ||
  (error._tag === "HttpClientError" && (error.response?.status ?? 0) >= 502)

const meaning = (url: string) => (error: Answer): GridError => {
  switch (error._tag) {
    case "Unauthorized":
    case "Forbidden":
      return new KeyRefused({ url })
    case "NotFound":
      if (error.what === "key") return new KeyUnknown({ id: error.id })
      return error.what === "batch"
        ? new BatchUnknown({ id: error.id })
        : new ExecutionUnknown({ id: error.id, nearest: error.nearest ?? null })
    case "Ambiguous":
      return new ExecutionAmbiguous({ id: error.id, matches: error.matches })
    case "KeyReused":
      return new IdempotencyKeyReused({ key: error.key })
    case "Unended":
      return new ExecutionUnended({ id: error.id })
    case "Unrepeatable":
      return new ExecutionUnrepeatable({ id: error.id, lacks: error.lacks })
    case "Unprocessable":
      return new GridRefused({ detail: error.detail })
    case "Unavailable":
      return new GridRefused({ detail: `the ${error.part} can't be reached (${error.detail})`, passing: true })
    case "HttpClientError":
      return error.response === undefined
        ? new ServerUnreachable({ url, detail: describeTransport(error), tries })
        : new GridRefused({
          detail: `the server answered ${error.response.status}`,
          ...(isPassing(error.response.status) ? { passing: true } : {})
        })
    case "SchemaError":
      return new ServerUnreachable({ url, detail: "what answers there does not speak RGrid's protocol" })
  }
}

const describeTransport = (error: HttpClientError): string => {
  const cause: unknown = (error.reason as { readonly cause?: unknown }).cause
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error && inner.message !== "" ? inner.message : error.message
}

export class GridClient extends Context.Service<GridClient, {
  readonly connection: Connection["Service"]
  readonly http: HttpClient.HttpClient
  readonly api: Calls
  /** Repeats what may succeed later, then says what went wrong in a caller's terms. */
  readonly ask: <A, E extends Answer, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, GridError, R>
}>()("rgrid/client/GridClient") {
  static readonly layer: Layer.Layer<GridClient, never, Connection | HttpClient.HttpClient> = Layer.effect(
    GridClient,
    Effect.gen(function*() {
      const connection = yield* Connection
      const http = yield* HttpClient.HttpClient
      return GridClient.of({
        connection,
        http,
        api: calls(connection, http),
        ask: (call) => Effect.mapError(patiently(call, isTransient), meaning(connection.url))
      })
    })
  )
}

/** Resolves a signed URL against the grid that gave it. */
export const absolute = (client: GridClient["Service"], url: string): string => new URL(url, client.connection.url).href
