/** Objects by signed URL: uploads are streamed to disk and checked, downloads are never shown as a page. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { handedHeader, isHandedName } from "rgrid/api/handing"
import { AccountId } from "rgrid/domain/Id"
import { ExecutionStore, type Part } from "rgrid/ports/ExecutionStore"
import { ObjectStore } from "rgrid/ports/ObjectStore"
import { type Permit, SignedObjects } from "../adapters/files/signing.ts"
import { plain } from "./problems.ts"

const refusals = {
  malformed: plain(403, "This link is not one of ours."),
  wrong: plain(403, "This link was changed."),
  expired: plain(403, "This link has expired; ask for a new one.")
} as const

/** Inputs belong to an account, which has them from now on. */
const remember = (key: string, part: Part) => {
  const owner = /^inputs\/([a-z0-9_]+)\//.exec(key)?.[1]
  return Schema.is(AccountId)(owner) ? ExecutionStore.use((store) => store.recordPart(owner, part)) : Effect.void
}

const store = Effect.fnUntraced(function*(permit: Permit, request: HttpServerRequest.HttpServerRequest) {
  const { key, part } = permit
  if (part === null) return refusals.malformed
  const [announced, handed] = [request.headers["content-length"], request.headers[handedHeader]]
  if (handed !== undefined) {
    if (!isHandedName(handed)) return refusals.malformed
    yield* SignedObjects.use((objects) => objects.take(key, part, handed))
  } else {
    if (announced !== undefined && Number(announced) !== part.size) {
      return plain(400, `This link is for ${part.size} bytes.`)
    }
    yield* ObjectStore.use((objects) => objects.put(key, part, request.stream))
  }
  yield* remember(key, part)
  return HttpServerResponse.empty({ status: 204 })
}, Effect.catchTags({
  ContentMismatch: ({ detail }) => Effect.succeed(plain(422, `The bytes are not those announced: ${detail}.`)),
  ObjectsUnavailable: ({ detail, diskFull }) => Effect.succeed(plain(diskFull ? 507 : 503, `Nothing was stored: ${detail}.`)),
  StoreUnavailable: ({ detail }) => Effect.succeed(plain(503, `The database can't be reached: ${detail}.`)),
  HttpServerError: () => Effect.succeed(plain(400, "The upload was cut short."))
}))

interface Range {
  readonly offset: number
  readonly limit: number
}

/** One range, as RFC 9110 has it; `null` when the header asks for something else, which is then ignored. */
const rangeOf = (header: string | undefined, size: number): Range | "unsatisfiable" | null => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "")
  if (match === null || (match[1] === "" && match[2] === "")) return null
  if (match[1] !== "" && match[2] !== "" && Number(match[1]) > Number(match[2])) return null
  const offset = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const last = match[1] === "" || match[2] === "" ? size - 1 : Math.min(size - 1, Number(match[2]))
  return offset > last ? "unsatisfiable" : { offset, limit: last - offset + 1 }
}

/** Downloaded, never shown as a page. */
export const fileHeaders = (size: number) => ({
  "content-disposition": "attachment",
  "content-length": String(size),
  "x-content-type-options": "nosniff"
})

/** What a link leads to never changes. */
const linkedHeaders = (size: number) => ({
  ...fileHeaders(size),
  "accept-ranges": "bytes",
  "cache-control": "private, max-age=31536000, immutable"
})

const serve = Effect.fnUntraced(function*(permit: Permit, request: HttpServerRequest.HttpServerRequest) {
  const objects = yield* ObjectStore
  const size = yield* objects.size(permit.key)
  const range = rangeOf(request.headers["range"], size)
  const contentType = "application/octet-stream"
  if (range === "unsatisfiable") {
    return HttpServerResponse.setHeader(plain(416, `There are ${size} bytes.`), "content-range", `bytes */${size}`)
  }
  if (range === null) return HttpServerResponse.stream(objects.get(permit.key), { contentType, headers: linkedHeaders(size) })
  const { limit, offset } = range
  return HttpServerResponse.stream(objects.get(permit.key, range), {
    status: 206,
    contentType,
    headers: { ...linkedHeaders(limit), "content-range": `bytes ${offset}-${offset + limit - 1}/${size}` }
  })
}, Effect.catchTags({
  ObjectMissing: () => Effect.succeed(plain(404, "These bytes are gone.")),
  ObjectsUnavailable: ({ detail }) => Effect.succeed(plain(503, `The bytes can't be read: ${detail}.`))
}))

type Act<R> = (
  permit: Permit,
  request: HttpServerRequest.HttpServerRequest
) => Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>

const permitted = <R>(method: "GET" | "PUT", act: Act<R>) =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const signed = yield* SignedObjects
    const permit = yield* signed.verify(method, new URL(request.url, "http://objects"))
    return yield* act(permit, request)
  }).pipe(Effect.catchTag("SignatureRefused", ({ reason }) => Effect.succeed(refusals[reason])))

export const objectRoutes = HttpRouter.addAll([
  HttpRouter.route("PUT", "/objects/*", permitted("PUT", store)),
  HttpRouter.route("GET", "/objects/*", permitted("GET", serve))
])
