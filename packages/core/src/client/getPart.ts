/**
 * The bytes behind a signed URL as they come. Node's own client does it: through `fetch` and its web streams they take
 * three times the time.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { open } from "node:fs/promises"
import { type IncomingMessage, request as overHttp } from "node:http"
import { request as overHttps } from "node:https"
import { pipeline, type Readable } from "node:stream"
import { canCompress, coding, decompressor } from "../api/compressing.ts"
import { linkedFile } from "../api/objectFile.ts"
import type { Sha256 } from "../domain/JobSpec.ts"
import type { SignedRequest } from "../ports/ObjectStore.ts"
import { ServerUnreachable } from "./errors.ts"
import type { GridClient } from "./GridClient.ts"
import { objectsDirectory } from "./gridFile.ts"
import { tries } from "./patience.ts"

/** A connection on which nothing comes for so long is dead, though nobody closed it. */
const silenceMillis = 300_000

/** The answer was not the bytes. */
export class Answered extends Schema.TaggedError<Answered>()("Answered", { status: Schema.Int }) {}

type Headers = Readonly<Record<string, string>>

const unreachable = (url: URL) => (cause: unknown) =>
  new ServerUnreachable({ url: url.origin, detail: cause instanceof Error ? cause.message : String(cause), tries })

const answerTo = (url: URL, headers: Headers): Effect.Effect<IncomingMessage, ServerUnreachable> =>
  Effect.callback((resume) => {
    const ask = url.protocol === "https:" ? overHttps : overHttp
    const request = ask(url, { headers, timeout: silenceMillis })
    request.on("timeout", () => request.destroy(new Error("no answer came")))
    request.on("error", (cause) => resume(Effect.fail(unreachable(url)(cause))))
    request.on("response", (answer) => resume(Effect.succeed(answer)))
    request.end()
    return Effect.sync(() => request.destroy())
  })

/** What is not read to its end is not kept open; what was, the next part comes over. */
const close = (answer: IncomingMessage) => Effect.sync(() => answer.complete ? undefined : answer.destroy())

/** Whoever reads it is told what goes wrong before it; what is not read to its end ends what is before. */
const decoded = (answer: IncomingMessage): Readable =>
  answer.headers["content-encoding"] === coding ? pipeline(answer, decompressor(), () => undefined) : answer

const overNetwork = (url: URL, headers: Headers): Stream.Stream<Uint8Array, Answered | ServerUnreachable> =>
  Stream.unwrap(Effect.gen(function*() {
    const answer = yield* Effect.acquireRelease(answerTo(url, headers), close, { interruptible: true })
    const status = answer.statusCode ?? 0
    if (status < 200 || status > 299) return yield* new Answered({ status })
    return Stream.fromAsyncIterable<Uint8Array, ServerUnreachable>(decoded(answer), unreachable(url))
  }))

/** What is read from a disk in one go. */
const chunkBytes = 1024 * 1024

const openHere = (path: string | null) =>
  Effect.promise(async () => path === null ? null : open(path).catch(() => null))

/** From the disk of the grid of this machine where this user may read it; from the grid itself elsewhere. */
export const getPart = (
  { connection }: GridClient["Service"],
  { headers, url }: SignedRequest,
  part: Sha256
): Stream.Stream<Uint8Array, Answered | ServerUnreachable> =>
  Stream.unwrap(Effect.gen(function*() {
    const there = new URL(url, connection.url)
    const file = yield* Effect.acquireRelease(
      openHere(connection.local ? linkedFile(objectsDirectory(), url, part) : null),
      (handle) => Effect.promise(async () => handle?.close())
    )
    const asking = !connection.local && canCompress() ? { "accept-encoding": coding } : {}
    if (file === null) return overNetwork(there, { ...asking, ...headers })
    const bytes = file.createReadStream({ start: 0, highWaterMark: chunkBytes, autoClose: false })
    return Stream.fromAsyncIterable<Uint8Array, ServerUnreachable>(bytes, unreachable(there))
  }))
