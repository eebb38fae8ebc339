/** The bytes of results, part by part, each verified; a link that expired on the way is asked for anew. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { createHash } from "node:crypto"
import type { OutputList } from "../../api/Executions.ts"
import type { ExecutionId } from "../../domain/Id.ts"
import type { Sha256 } from "../../domain/JobSpec.ts"
import { type GridError, GridRefused, type NotWritten, ServerUnreachable } from "../errors.ts"
import * as executions from "../executions.ts"
import { absolute, GridClient } from "../GridClient.ts"
import { patiently, tries } from "../patience.ts"

/** Where the parts of an execution's results are, for as long as it takes. */
export interface Links {
  readonly execution: ExecutionId
  parts: OutputList["parts"]
}

export type Sink = (bytes: Uint8Array, at: number) => Effect.Effect<unknown, NotWritten>

class Expired extends Schema.TaggedError<Expired>()("Expired", {}) {}

const refused = (detail: string) => new GridRefused({ detail })

const meaning = (url: string, sha256: Sha256) => (error: HttpClientError) => {
  const status = error.response?.status ?? 0
  if (status === 403) return new Expired()
  return status >= 400 && status < 500 && status !== 408 && status !== 429
    ? refused(`it answered ${status} to a request for ${sha256}`)
    : new ServerUnreachable({ url, detail: error.message, tries })
}

const once = Effect.fnUntraced(function*(links: Links, sha256: Sha256, size: number, sink: Sink) {
  const grid = yield* GridClient
  const signed = links.parts[sha256]
  if (signed === undefined) return yield* refused(`it has no bytes for ${sha256}`)
  const hash = createHash("sha256")
  let at = 0
  const write = (bytes: Uint8Array): Effect.Effect<unknown, NotWritten | GridRefused> => {
    hash.update(bytes)
    const from = at
    at += bytes.length
    // More than was announced would run into the next part, and fill the disk.
    return at > size ? Effect.fail(refused(`the bytes of ${sha256} are others`)) : sink(bytes, from)
  }
  const request = HttpClientRequest.get(absolute(grid, signed.url), { headers: signed.headers })
  const response = yield* HttpClient.filterStatusOk(grid.http).execute(request).pipe(
    Effect.mapError(meaning(grid.connection.url, sha256))
  )
  yield* response.stream.pipe(Stream.mapError(meaning(grid.connection.url, sha256)), Stream.runForEach(write))
  if (at !== size || hash.digest("hex") !== sha256) return yield* refused(`the bytes of ${sha256} are others`)
})

const renew = (links: Links) =>
  Effect.map(executions.outputs(links.execution), ({ parts }) => {
    links.parts = parts
  })

/** One part into the sink, from its first byte again after each lost connection. */
export const fetchPart = (
  links: Links,
  part: { readonly sha256: Sha256; readonly size: number },
  sink: Sink
): Effect.Effect<void, GridError | NotWritten, GridClient> => {
  const one = once(links, part.sha256, part.size, sink)
  return one.pipe(
    Effect.catchTag("Expired", () => Effect.andThen(renew(links), one)),
    Effect.catchTag("Expired", () => Effect.fail(refused(`it gives no access to ${part.sha256}`))),
    (fetching) => patiently(fetching, (error) => error._tag === "ServerUnreachable")
  )
}
