/** Brings what an attempt reads into the worker's cache: only what is not there yet, verified, each part once. */
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import { canCompress, coding, decompressor } from "rgrid/api/compressing"
import { linkedFile } from "rgrid/api/objectFile"
import { isPassing } from "rgrid/api/isPassing"
import { contentsOf, type JobSpec, partsOf } from "rgrid/domain/JobSpec"
import type { Part } from "rgrid/ports/ExecutionStore"
import type { SignedRequest } from "rgrid/ports/ObjectStore"
import { Cache, Damaged } from "../Cache.ts"
import { Settings } from "../Settings.ts"
import {
  type AttemptClient,
  AttemptClients,
  Lost,
  type Stale,
  untilAnswered
} from "./AttemptClient.ts"
import type { FileTrouble } from "./FileTrouble.ts"

/** Parts fetched at a time. */
const parallel = 4

/** Parts asked for at a time: an answer holds a signed URL for each. */
const mostPerRequest = 1000

/** Damaged downloads and refused URLs are worth this many new URLs. */
const tries = 3

const isTransient = (error: HttpClientError): boolean =>
  error.response === undefined || isPassing(error.response.status)

const bytesOf = (part: Part, response: HttpClientResponse): Stream.Stream<Uint8Array, HttpClientError | Damaged> =>
  response.headers["content-encoding"] === coding
    ? NodeStream.pipeThroughDuplex(response.stream, {
      evaluate: decompressor,
      onError: () => new Damaged({ part: part.sha256 })
    })
    : response.stream

const downloadAs = Effect.fnUntraced(function*(part: Part, signed: SignedRequest, compressed: boolean) {
  const { resolve } = yield* AttemptClients
  const http = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
  const cache = yield* Cache
  const headers = { ...(compressed ? { "accept-encoding": coding } : {}), ...signed.headers }
  const request = HttpClientRequest.get(resolve(signed), { headers })
  const bytes = Stream.unwrap(Effect.map(http.execute(request), (response) => bytesOf(part, response)))
  yield* cache.bring(part, bytes).pipe(
    Effect.retry({
      schedule: untilAnswered,
      while: (error) => error._tag === "HttpClientError" && isTransient(error)
    })
  )
})

const download = Effect.fnUntraced(function*(part: Part, signed: SignedRequest) {
  const { objects } = yield* Settings
  if (objects !== undefined || !canCompress()) return yield* downloadAs(part, signed, false)
  // What stands between may spoil it.
  yield* Effect.catchTag(downloadAs(part, signed, true), "Damaged", () => downloadAs(part, signed, false))
})

/**
 * From the disk it shares with the grid, only by the grid's own link; whatever goes wrong there, the grid itself may
 * still have it whole.
 */
const adopt = Effect.fnUntraced(function*(part: Part, signed: SignedRequest) {
  const { objects } = yield* Settings
  const file = objects === undefined ? null : linkedFile(objects, signed.url, part.sha256)
  if (file === null) return false
  return yield* Cache.use((cache) => cache.adopt(part, file)).pipe(
    Effect.as(true),
    Effect.orElseSucceed(() => false)
  )
})

const bringOnce = Effect.fnUntraced(function*(parts: ReadonlyArray<Part>, client: AttemptClient) {
  const urls = yield* client.inputs(parts.map((part) => part.sha256))
  const one = Effect.fnUntraced(function*(part: Part) {
    const signed = urls[part.sha256]
    if (signed === undefined) {
      return yield* new Lost({ detail: `The server has no bytes for the input part ${part.sha256}.` })
    }
    if (!(yield* adopt(part, signed))) yield* download(part, signed)
  })
  yield* Effect.forEach(parts, one, { concurrency: parallel, discard: true })
})

const batches = (parts: ReadonlyArray<Part>): ReadonlyArray<ReadonlyArray<Part>> =>
  Array.from(
    { length: Math.ceil(parts.length / mostPerRequest) },
    (_, index) => parts.slice(index * mostPerRequest, (index + 1) * mostPerRequest)
  )

/** Returns when all parts the spec names are in the cache; they stay there while the scope is open. */
export const bring: (
  spec: JobSpec,
  client: AttemptClient
) => Effect.Effect<
  void,
  Stale | Lost | FileTrouble,
  AttemptClients | Cache | HttpClient.HttpClient | Scope.Scope | Settings
> = Effect.fnUntraced(function*(spec: JobSpec, client: AttemptClient) {
  const cache = yield* Cache
  const parts = Array.from(partsOf(contentsOf(spec)), ([sha256, size]): Part => ({ sha256, size }))
  yield* cache.pin(parts.map((part) => part.sha256))
  yield* Effect.suspend(() =>
    Effect.forEach(batches(cache.missing(parts)), (batch) => bringOnce(batch, client), { discard: true })
  ).pipe(
    Effect.retry({ times: tries, while: (error) => error._tag === "Damaged" || error._tag === "HttpClientError" }),
    Effect.catchTags({
      Damaged: (error) => Effect.fail(new Lost({ detail: `The input part ${error.part} arrived damaged.` })),
      HttpClientError: (error) => Effect.fail(new Lost({ detail: `An input can't be fetched: ${error.message}` }))
    })
  )
})
