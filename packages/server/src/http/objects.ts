/** Objects by signed URL: uploads are streamed to disk and checked, downloads are never shown as a page. */
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { coding, compressor, decompressor, isAccepted, samplesOf, shrinks } from "rgrid/api/compressing"
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

/** What came is no whole stream of the coding it claims. */
class Undecodable extends Schema.TaggedError<Undecodable>()("Undecodable", {}) {}

/** No more of it is decoded than the store takes: of what unfolds to more than its link is for, nothing is kept. */
const decoded = (request: HttpServerRequest.HttpServerRequest) =>
  NodeStream.pipeThroughDuplex(request.stream, { evaluate: decompressor, onError: () => new Undecodable() })

const unknownCoding = HttpServerResponse.setHeader(plain(415, "A part comes as it is, or as zstd."), "accept-encoding", coding)

const receive = Effect.fnUntraced(function*(key: string, part: Part, request: HttpServerRequest.HttpServerRequest) {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity"
  const objects = yield* ObjectStore
  if (encoding === coding) return yield* Effect.as(objects.put(key, part, decoded(request)), null)
  if (encoding !== "identity") return unknownCoding
  const announced = request.headers["content-length"]
  if (announced !== undefined && Number(announced) !== part.size) return plain(400, `This link is for ${part.size} bytes.`)
  return yield* Effect.as(objects.put(key, part, request.stream), null)
})

const store = Effect.fnUntraced(function*(permit: Permit, request: HttpServerRequest.HttpServerRequest) {
  const { key, part } = permit
  if (part === null) return refusals.malformed
  const handed = request.headers[handedHeader]
  if (handed !== undefined) {
    if (!isHandedName(handed)) return refusals.malformed
    yield* SignedObjects.use((objects) => objects.take(key, part, handed))
  } else {
    const refusal = yield* receive(key, part, request)
    if (refusal !== null) return refusal
  }
  yield* remember(key, part)
  return HttpServerResponse.empty({ status: 204 })
}, Effect.catchTags({
  ContentMismatch: ({ detail }) => Effect.succeed(plain(422, `The bytes are not those announced: ${detail}.`)),
  ObjectsUnavailable: ({ detail, diskFull }) => Effect.succeed(plain(diskFull ? 507 : 503, `Nothing was stored: ${detail}.`)),
  StoreUnavailable: ({ detail }) => Effect.succeed(plain(503, `The database can't be reached: ${detail}.`)),
  Undecodable: () => Effect.succeed(plain(400, "The upload is damaged, or no zstd.")),
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
const neverShown = { "content-disposition": "attachment", "x-content-type-options": "nosniff" }

export const fileHeaders = (size: number) => ({ ...neverShown, "content-length": String(size) })

/** What a link leads to never changes; how it travels is up to who asks. */
const immutable = { "cache-control": "private, max-age=31536000, immutable", vary: "accept-encoding" }

const linkedHeaders = (size: number) => ({ ...fileHeaders(size), "accept-ranges": "bytes", ...immutable })

const codedHeaders = { ...neverShown, "content-encoding": coding, ...immutable }

const contentType = "application/octet-stream"

const compresses = Effect.fnUntraced(function*(key: string, size: number) {
  const objects = yield* ObjectStore
  const sample = (piece: Range) => Effect.map(Stream.runCollect(objects.get(key, piece)), (chunks) => Buffer.concat(chunks))
  return shrinks(yield* Effect.forEach(samplesOf(size), sample))
})

const whole = Effect.fnUntraced(function*(key: string, size: number, request: HttpServerRequest.HttpServerRequest) {
  const objects = yield* ObjectStore
  const accepted = isAccepted(request.headers["accept-encoding"])
  if (!accepted || !(yield* compresses(key, size))) {
    return HttpServerResponse.stream(objects.get(key), { contentType, headers: linkedHeaders(size) })
  }
  const bytes = NodeStream.pipeThroughDuplex(objects.get(key), { evaluate: compressor })
  return HttpServerResponse.stream(bytes, { contentType, headers: codedHeaders })
})

const serve = Effect.fnUntraced(function*(permit: Permit, request: HttpServerRequest.HttpServerRequest) {
  const objects = yield* ObjectStore
  const size = yield* objects.size(permit.key)
  const range = rangeOf(request.headers["range"], size)
  if (range === "unsatisfiable") {
    return HttpServerResponse.setHeader(plain(416, `There are ${size} bytes.`), "content-range", `bytes */${size}`)
  }
  if (range === null) return yield* whole(permit.key, size, request)
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
