/** Brings the bytes of an attempt's outputs to the store: only what it lacks, straight from the slot's files. */
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { type FileHandle, open } from "node:fs/promises"
import { coding, compressor, isRefused, pays } from "rgrid/api/compressing"
import { handedHeader, handOver, leastHanded } from "rgrid/api/handing"
import type { MissingPart } from "rgrid/api/Executions"
import { isPassing } from "rgrid/api/isPassing"
import type { OutputManifest } from "rgrid/domain/Execution"
import { partBytes, type Sha256 } from "rgrid/domain/JobSpec"
import type { Part } from "rgrid/ports/ExecutionStore"
import {
  type AttemptClient,
  AttemptClients,
  Lost,
  type Stale,
  untilAnswered
} from "./AttemptClient.ts"
import { Settings } from "../Settings.ts"
import { safeRead } from "./digest.ts"
import { type FileTrouble, onDisk } from "./FileTrouble.ts"
import { hostPath, type Tree } from "./snapshot.ts"

/** Parts sent at a time: two already saturate a local store, more hide the latency of a far one. */
const parallel = 4
const mostPerRequest = 1000
const tries = 3
const chunkBytes = 256 * 1024

/** RFC 4918's "Insufficient Storage". */
const diskFull = 507

/** Where a part's bytes are. */
interface Source extends Part {
  /** As the manifest has it. */
  readonly path: string
  readonly file: string
  readonly offset: number
}

class UploadFailed extends Schema.TaggedError<UploadFailed>()("UploadFailed", {
  detail: Schema.String,
  /** The same request may succeed later; else only a new signed one. */
  transient: Schema.Boolean
}) {}

const sourcesOf = (trees: ReadonlyArray<Tree>, manifest: OutputManifest): ReadonlyMap<Sha256, Source> => {
  const sources = new Map<Sha256, Source>()
  for (const { content, path } of manifest.outputs) {
    const file = hostPath(trees, path)
    if (file === null) continue
    content?.parts.forEach((sha256, index) => {
      const offset = index * partBytes
      sources.set(sha256, { sha256, path, file, offset, size: Math.min(partBytes, content.size - offset) })
    })
  }
  return sources
}

const readAt = async (file: FileHandle, source: Source, at: number): Promise<Uint8Array> => {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, source.size - at))
  const { bytesRead } = await file.read(chunk, 0, chunk.length, source.offset + at)
  if (bytesRead === 0) throw new Error("it became shorter after it was hashed")
  return chunk.subarray(0, bytesRead)
}

const bytesOf = (source: Source): Stream.Stream<Uint8Array, FileTrouble> =>
  Stream.unwrap(Effect.gen(function*() {
    const file = yield* Effect.acquireRelease(
      onDisk(source.path, () => open(source.file, safeRead)),
      (handle) => Effect.promise(() => handle.close())
    )
    return Stream.paginate(0, (at) =>
      Effect.map(onDisk(source.path, () => readAt(file, source, at)), (bytes) => {
        const next = at + bytes.length
        return [[bytes], next < source.size ? Option.some(next) : Option.none()] as const
      }))
  }))

/** By way of the disk it shares with the grid; whether the grid has it now. */
const hand = Effect.fnUntraced(function*(source: Source, { put }: MissingPart) {
  const [{ objects }, { resolve }] = [yield* Settings, yield* AttemptClients]
  if (objects === undefined || source.size < leastHanded) return false
  const file = yield* Effect.acquireRelease(
    Effect.promise(() => open(source.file, safeRead).catch(() => null)),
    (handle) => Effect.promise(async () => handle?.close())
  )
  const handed = yield* Effect.acquireRelease(
    Effect.promise(async () => file && handOver(objects, file, source)),
    (made) => Effect.promise(async () => made?.remove())
  )
  if (handed === null) return false
  const request = HttpClientRequest.put(resolve(put), { headers: { ...put.headers, [handedHeader]: handed.name } })
  return yield* HttpClient.HttpClient.use((http) => http.execute(request)).pipe(
    Effect.map(({ status }) => status < 300),
    Effect.orElseSucceed(() => false)
  )
}, Effect.scoped)

const compresses = Effect.fnUntraced(function*(source: Source, { put }: MissingPart) {
  const { objects } = yield* Settings
  if (objects !== undefined || put.encodings?.includes(coding) !== true) return false
  return yield* Effect.promise(() => pays(() => open(source.file, safeRead), source))
})

const answered = Effect.fnUntraced(function*(source: Source, { put }: MissingPart, compressed: boolean) {
  const { resolve } = yield* AttemptClients
  // A signed request may bind the type: its word goes before ours.
  const type = put.headers["content-type"] ?? "application/octet-stream"
  const body = compressed
    ? HttpBody.stream(NodeStream.pipeThroughDuplex(bytesOf(source), { evaluate: compressor }), type)
    : HttpBody.stream(bytesOf(source), type, source.size)
  const headers = { ...put.headers, ...(compressed ? { "content-encoding": coding } : {}) }
  const request = HttpClientRequest.put(resolve(put), { headers }).pipe(HttpClientRequest.setBody(body))
  return yield* HttpClient.HttpClient.use((http) => http.execute(request)).pipe(
    Effect.mapError((error) => new UploadFailed({ detail: error.message, transient: true }))
  )
})

const send = Effect.fnUntraced(function*(source: Source, part: MissingPart) {
  if (yield* hand(source, part)) return
  const compressed = yield* compresses(source, part)
  const first = yield* answered(source, part, compressed)
  // What stands between may not know it, or spoil it.
  const response = compressed && isRefused(first.status) ? yield* answered(source, part, false) : first
  if (response.status < 300) return
  // What fills the disk may be this very slot: it goes before anybody tries again.
  if (response.status === diskFull) return yield* new Lost({ detail: "The disk of the grid is full." })
  return yield* new UploadFailed({
    detail: `The store answered ${response.status} to an upload.`,
    transient: isPassing(response.status)
  })
})

const sendMissing = Effect.fnUntraced(
  function*(sources: ReadonlyMap<Sha256, Source>, parts: ReadonlyArray<Part>, client: AttemptClient) {
    const missing = yield* client.outputs(parts.map(({ sha256, size }) => ({ sha256, size })))
    const one = Effect.fnUntraced(function*(part: MissingPart) {
      const source = sources.get(part.sha256)
      if (source === undefined) return yield* new Lost({ detail: `The server asks for ${part.sha256}, unknown here.` })
      yield* send(source, part).pipe(
        Effect.retry({ schedule: untilAnswered, while: (error) => error._tag === "UploadFailed" && error.transient })
      )
    })
    yield* Effect.forEach(missing, one, { concurrency: parallel, discard: true })
  }
)

/** Returns when the store has every byte the manifest names. */
export const upload: (
  trees: ReadonlyArray<Tree>,
  manifest: OutputManifest,
  client: AttemptClient
) => Effect.Effect<void, Stale | Lost, AttemptClients | HttpClient.HttpClient | Settings> = Effect.fnUntraced(
  function*(trees: ReadonlyArray<Tree>, manifest: OutputManifest, client: AttemptClient) {
    const sources = sourcesOf(trees, manifest)
    const parts = [...sources.values()]
    for (let at = 0; at < parts.length; at += mostPerRequest) {
      yield* sendMissing(sources, parts.slice(at, at + mostPerRequest), client).pipe(
        // A signed request that expired is refused: a new one is asked for, with what is still missing.
        Effect.retry({ times: tries, while: (error) => error._tag === "UploadFailed" }),
        Effect.catchTag("UploadFailed", ({ detail }) => Effect.fail(new Lost({ detail })))
      )
    }
  }
)
