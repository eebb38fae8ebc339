/** The port to objects in memory: for tests and for a first look. Everything is gone with the process. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { readFile, rm } from "node:fs/promises"
import type { Part } from "../ports/ExecutionStore.ts"
import { ContentMismatch, ObjectMissing, ObjectStore, ObjectsUnavailable, type SignedRequest } from "../ports/ObjectStore.ts"

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

const sha256 = (bytes: Uint8Array<ArrayBuffer>) =>
  Effect.map(Effect.promise(() => crypto.subtle.digest("SHA-256", bytes)), (digest) => hex(new Uint8Array(digest)))

/** All bytes of the stream, in memory of the store's own; fails as soon as there is more than there should be. */
const receive = Effect.fnUntraced(function*<E>(key: string, part: Part, bytes: Stream.Stream<Uint8Array, E>) {
  const whole = new Uint8Array(part.size)
  let received = 0
  yield* Stream.runForEach(bytes, (chunk): Effect.Effect<void, ContentMismatch> => {
    if (received + chunk.length > part.size) {
      return Effect.fail(new ContentMismatch({ key, detail: `more than ${part.size} bytes` }))
    }
    whole.set(chunk, received)
    received += chunk.length
    return Effect.void
  })
  if (received < part.size) return yield* new ContentMismatch({ key, detail: `${received} of ${part.size} bytes` })
  if ((yield* sha256(whole)) !== part.sha256) return yield* new ContentMismatch({ key, detail: "another hash" })
  return whole
})

const nothing = (cause: NodeJS.ErrnoException): Buffer => {
  if (cause.code === "ENOENT") return Buffer.alloc(0)
  throw cause
}

const contentOf = (file: string) =>
  Effect.tryPromise({
    try: () => readFile(file).catch(nothing),
    catch: (cause) => new ObjectsUnavailable({ detail: String(cause), diskFull: false })
  })

/** Nobody serves these: they say what was signed, so that a test can look at it. */
const presign = Effect.fnUntraced(function*(
  method: "GET" | "PUT",
  key: string,
  part: Part | null,
  expires: Duration.Duration
) {
  const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(expires)
  const query = new URLSearchParams({ method, expires: String(until) })
  if (part !== null) {
    query.set("size", String(part.size))
    query.set("sha256", part.sha256)
  }
  return { url: `memory:${key}?${query}`, headers: {} } satisfies SignedRequest
})

export const make: Effect.Effect<ObjectStore["Service"]> = Effect.sync(() => {
  const objects = new Map<string, Uint8Array>()
  const find = (key: string): Effect.Effect<Uint8Array, ObjectMissing> =>
    Effect.suspend(() => {
      const bytes = objects.get(key)
      return bytes === undefined ? Effect.fail(new ObjectMissing({ key })) : Effect.succeed(bytes)
    })
  return {
    put: Effect.fnUntraced(function*(key, part, bytes) {
      if (objects.has(key)) return
      const whole = yield* receive(key, part, bytes)
      // Of writers at the same time the first counts: a key is written once.
      if (!objects.has(key)) objects.set(key, whole)
    }),
    adopt: Effect.fnUntraced(function*(key, size, file) {
      if (!objects.has(key)) {
        const content = yield* contentOf(file)
        if (content.length < size) {
          return yield* new ContentMismatch({ key, detail: `${content.length} of ${size} bytes` })
        }
        objects.set(key, content.subarray(0, size))
      }
      yield* Effect.promise(() => rm(file, { force: true }))
    }),
    get: (key, range) =>
      Stream.fromEffect(find(key)).pipe(
        // A copy: what a reader does to its bytes is nothing to the store.
        Stream.map((bytes) => bytes.slice(range?.offset, range && range.offset + range.limit)),
        Stream.filter((bytes) => bytes.length > 0)
      ),
    size: (key) => Effect.map(find(key), (bytes) => bytes.length),
    remove: (key) => Effect.sync(() => void objects.delete(key)),
    presignPut: (key, part, expires) => presign("PUT", key, part, expires),
    presignGet: (key, expires) => presign("GET", key, null, expires),
    ping: Effect.void
  }
})

export const layer: Layer.Layer<ObjectStore> = Layer.effect(ObjectStore, make)
