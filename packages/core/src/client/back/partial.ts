/**
 * A result on its way: under a name of its own beside where it will stand, so that its own name never has half a file.
 * The name of a large one follows from its content, so that the next call goes on where this one was cut off.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { createHash, randomUUID } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, open, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { writeAt } from "../../domain/Arrival.ts"
import { type FileContent, partBytes, type Sha256 } from "../../domain/JobSpec.ts"
import { type GridError, GridRefused, type NotWritten } from "../errors.ts"
import type { GridClient } from "../GridClient.ts"
import { claim } from "./claim.ts"
import { fetchPart, type Links } from "./fetch.ts"
import { codeOf, onDisk } from "./files.ts"
import { partialName } from "./where.ts"

/** Smaller ones are written in one go: nothing of them is worth keeping. */
const smallBytes = 1024 * 1024

const chunkBytes = 1024 * 1024

/** Parts of one file at a time. */
const parallel = 4

interface Part {
  readonly sha256: Sha256
  readonly offset: number
  readonly size: number
}

const partsOf = ({ parts, size }: FileContent): ReadonlyArray<Part> =>
  parts.map((sha256, index) => {
    const offset = index * partBytes
    return { sha256, offset, size: Math.min(partBytes, size - offset) }
  })

/** What is left of an earlier call is ours alone, or it is not used: nothing is written through another's link. */
const openPartial = async (path: string): Promise<FileHandle> => {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  const status = await file.stat()
  if (status.isFile() && status.nlink === 1 && status.uid === (process.getuid?.() ?? status.uid)) return file
  await file.close()
  throw new Error("something that is not ours stands there")
}

const holds = async (file: FileHandle, { offset, sha256, size }: Part, chunk: Buffer): Promise<boolean> => {
  const hash = createHash("sha256")
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - at), offset + at)
    if (bytesRead === 0) return false
    hash.update(chunk.subarray(0, bytesRead))
    at += bytesRead
  }
  return hash.digest("hex") === sha256
}

/** What is not there yet: parts come several at a time, and any of them may be missing. */
const missing = async (file: FileHandle, parts: ReadonlyArray<Part>): Promise<ReadonlyArray<Part>> => {
  const { size } = await file.stat()
  if (size === 0) return parts
  const chunk = Buffer.allocUnsafe(chunkBytes)
  const lacking: Array<Part> = []
  for (const part of parts) {
    if (part.offset + part.size > size || !(await holds(file, part, chunk))) lacking.push(part)
  }
  return lacking
}

const opened = (path: string, shown: string): Effect.Effect<FileHandle, NotWritten, Scope.Scope> =>
  Effect.acquireRelease(onDisk(shown, () => openPartial(path)), (file) => Effect.promise(() => file.close()))

const fill = Effect.fnUntraced(function*(links: Links, content: FileContent, path: string, shown: string) {
  const file = yield* opened(path, shown)
  const parts = partsOf(content)
  const lacking = yield* onDisk(shown, () => missing(file, parts))
  yield* Effect.forEach(
    lacking,
    (part) => fetchPart(links, part, { shown, write: (bytes, at) => writeAt(file, bytes, part.offset + at) }),
    { concurrency: parallel, discard: true }
  )
  yield* onDisk(shown, () => file.truncate(content.size))
}, Effect.scoped)

const fillSmall = Effect.fnUntraced(function*(links: Links, content: FileContent, path: string, shown: string) {
  const bytes = Buffer.alloc(content.size)
  for (const part of partsOf(content)) {
    yield* fetchPart(links, part, { shown, write: async (piece, at) => bytes.set(piece, part.offset + at) })
  }
  yield* onDisk(shown, async () => {
    const file = await open(path, "wx", 0o600)
    await file.writeFile(bytes).finally(() => file.close())
  })
})

/** What a lost connection or Ctrl+C cut off is gone on with; what failed for good, or filled the disk, is not. */
const isWorthKeeping = (exit: Exit.Exit<unknown, GridError | NotWritten>): boolean => {
  if (Exit.isSuccess(exit)) return false
  const error = Exit.findErrorOption(exit)
  return error._tag === "None" || error.value._tag === "ServerUnreachable"
}

const remove = (path: string) =>
  Effect.promise(() => rm(path, { force: true }).catch((cause: unknown) => codeOf(cause)))

/** What others left who were killed while a third had the stable name. */
const sweep = Effect.fnUntraced(function*(folder: string, sha256: Sha256) {
  const names = yield* Effect.promise(() => readdir(folder).catch((): Array<string> => []))
  const prefix = partialName(sha256).slice(0, -".part".length)
  for (const path of names.filter((name) => name.startsWith(prefix)).map((name) => join(folder, name))) {
    yield* Effect.scoped(Effect.flatMap(claim(path), (stale) => stale ? remove(path) : Effect.void))
  }
})

/** Where to write, and whether the next call may go on from there. */
const choose = Effect.fnUntraced(function*(folder: string, { sha256, size }: FileContent) {
  const stable = join(folder, partialName(sha256))
  if (size > smallBytes && (yield* claim(stable))) return { path: stable, resumable: true }
  const path = join(folder, partialName(sha256, `.${randomUUID()}`))
  if (size > smallBytes) yield* claim(path)
  return { path, resumable: false }
})

/** Brings the whole content into a file of `folder`, which `use` moves to its own name. */
export const withWhole = <A>(
  links: Links,
  content: FileContent,
  place: { readonly folder: string; readonly shown: string },
  use: (path: string) => Effect.Effect<A, NotWritten>
): Effect.Effect<A, GridError | NotWritten, GridClient> =>
  Effect.gen(function*() {
    if (content.parts.length !== Math.ceil(content.size / partBytes)) {
      return yield* new GridRefused({ detail: `its parts of ${place.shown} don't add up` })
    }
    const { path, resumable } = yield* choose(place.folder, content)
    const small = content.size <= smallBytes
    const made = yield* (small ? fillSmall : fill)(links, content, path, place.shown).pipe(
      Effect.andThen(use(path)),
      Effect.onExit((exit) => resumable && isWorthKeeping(exit) ? Effect.void : remove(path))
    )
    if (!small) yield* sweep(place.folder, content.sha256)
    return made
  }).pipe(Effect.scoped)
