/** Objects as files of one directory. Each is written under a temporary name, checked, synced and renamed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import { closeSync, constants, createReadStream, fsync, openSync, renameSync } from "node:fs"
import { copyFile, type FileHandle, mkdir, open, readdir, rename, rm, truncate, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { coding } from "rgrid/api/compressing"
import { incoming } from "rgrid/api/handing"
import { objectFile } from "rgrid/api/objectFile"
import { Arrival, writeAt } from "rgrid/domain/Arrival"
import { digest } from "rgrid/domain/digest"
import type { Part } from "rgrid/ports/ExecutionStore"
import { ContentMismatch, ObjectMissing, ObjectStore, type ObjectsUnavailable } from "rgrid/ports/ObjectStore"
import { codeOf, objectsUnavailable, onObjects, sizeOf } from "./errors.ts"
import { sign, SignedObjects, verify } from "./signing.ts"

export interface FilesObjectSettings {
  /** Absolute; made when it is missing. */
  readonly directory: string
  /** 32 bytes, for URLs. */
  readonly signingKey: Uint8Array
}

/** Larger reads waste memory, smaller ones time. */
const chunkBytes = 256 * 1024

/** A block: what any write takes at least. */
const probeBytes = new Uint8Array(4096)

const handedFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

const synced = promisify(fsync)

const missingOr = (key: string) => (cause: unknown): ObjectMissing | ObjectsUnavailable =>
  codeOf(cause) === "ENOENT" ? new ObjectMissing({ key }) : objectsUnavailable(cause)

/** Only the wait for the disk is another thread's: to hand each call to one costs more than the call. */
const sync = async (path: string): Promise<void> => {
  const file = openSync(path, "r")
  try {
    await synced(file)
  } finally {
    closeSync(file)
  }
}

/** A name is durable when the directory that holds it is: made ones on the way to it must be, too. */
const makeDirectory = async (path: string): Promise<void> => {
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  if (made === undefined) return
  const above = dirname(made)
  for (let parent = dirname(path); parent.length >= above.length; parent = dirname(parent)) {
    await sync(parent)
    if (parent === above) return
  }
}

/** Everything of the stream into the file; fails as soon as there is more than there should be. */
const receive = <E>(handle: FileHandle, key: string, part: Part, bytes: Stream.Stream<Uint8Array, E>) =>
  Effect.gen(function*() {
    const arrival = new Arrival(part, (piece, at) => writeAt(handle, piece, at))
    yield* Stream.runForEachArray(bytes, (chunks): Effect.Effect<void, ContentMismatch | ObjectsUnavailable> =>
      arrival.fits(chunks)
        ? onObjects(() => arrival.add(chunks))
        : Effect.fail(new ContentMismatch({ key, detail: `more than ${part.size} bytes` })))
    const whole = yield* onObjects(() => arrival.finish())
    const { received } = arrival
    if (received < part.size) return yield* new ContentMismatch({ key, detail: `${received} of ${part.size} bytes` })
    if (!whole) return yield* new ContentMismatch({ key, detail: "another hash" })
    yield* onObjects(() => handle.sync())
  })

/** Durable when it returns. */
const settle = async (temporary: string, file: string): Promise<void> => {
  try {
    renameSync(temporary, file)
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause
    await makeDirectory(dirname(file))
    renameSync(temporary, file)
  }
  await sync(dirname(file))
}

const put = (directory: string) =>
  Effect.fnUntraced(function*<E>(key: string, part: Part, bytes: Stream.Stream<Uint8Array, E>) {
    const file = objectFile(directory, key)
    const stored = yield* onObjects(async () => sizeOf(file))
    // A key that ends with its content's hash takes that content again: a disk may have spoilt it.
    if (stored !== null && !key.endsWith(`/${part.sha256}`)) {
      if (stored === part.size) return
      return yield* new ContentMismatch({ key, detail: `${stored} bytes were stored before` })
    }
    const temporary = join(directory, incoming, randomBytes(16).toString("hex"))
    const handle = yield* Effect.acquireRelease(
      onObjects(() => open(temporary, "wx", 0o600)),
      (opened) => Effect.promise(() => opened.close().then(() => rm(temporary, { force: true })))
    )
    yield* receive(handle, key, part, bytes)
    yield* onObjects(() => settle(temporary, file))
  }, Effect.scoped)

/** Of the same disk it is only named anew: the bytes are not read again. */
const settleOwn = async (directory: string, path: string, file: string): Promise<void> => {
  try {
    await sync(path)
    await settle(path, file)
  } catch (cause) {
    if (codeOf(cause) !== "EXDEV") throw cause
    const temporary = join(directory, incoming, randomBytes(16).toString("hex"))
    try {
      await copyFile(path, temporary)
      await sync(temporary)
      await settle(temporary, file)
    } finally {
      await rm(temporary, { force: true })
    }
    await rm(path, { force: true })
  }
}

const adopt = (directory: string): ObjectStore["Service"]["adopt"] =>
  Effect.fnUntraced(function*(key, size, path) {
    const file = objectFile(directory, key)
    const [stored, found] = yield* onObjects(async () => [sizeOf(file), sizeOf(path) ?? 0] as const)
    if (stored === size) return yield* onObjects(() => rm(path, { force: true }))
    if (stored !== null) return yield* new ContentMismatch({ key, detail: `${stored} bytes were stored before` })
    if (found < size) return yield* new ContentMismatch({ key, detail: `${found} of ${size} bytes` })
    if (found > size) yield* onObjects(() => truncate(path, size))
    // Whoever gives it up knows when it is over: nothing moves behind their back.
    yield* Effect.uninterruptible(onObjects(() => settleOwn(directory, path, file)))
  })

/** Under a name of our own first: whoever handed it over can't change what the name means any more. */
const take = (directory: string): SignedObjects["Service"]["take"] =>
  Effect.fnUntraced(function*(key, part, name) {
    const temporary = join(directory, incoming, randomBytes(16).toString("hex"))
    yield* Effect.acquireRelease(
      onObjects(() => rename(join(directory, incoming, name), temporary)),
      () => Effect.promise(() => rm(temporary, { force: true }))
    )
    const handle = yield* Effect.acquireRelease(
      onObjects(() => open(temporary, handedFlags)),
      (opened) => Effect.promise(() => opened.close())
    )
    const status = yield* onObjects(() => handle.stat())
    if (!status.isFile() || status.size !== part.size) return yield* new ContentMismatch({ key, detail: "another size" })
    const { sha256, size } = yield* onObjects((signal) => digest(handle, signal))
    if (size !== part.size || sha256 !== part.sha256) return yield* new ContentMismatch({ key, detail: "another hash" })
    yield* onObjects(async () => {
      await handle.sync()
      await settle(temporary, objectFile(directory, key))
    })
  }, Effect.scoped)

const get = (directory: string): ObjectStore["Service"]["get"] => (key, range) =>
  Stream.unwrap(Effect.sync(() => {
    const bounds = range === undefined ? {} : { start: range.offset, end: range.offset + range.limit - 1 }
    if (range !== undefined && range.limit <= 0) return Stream.empty
    return Stream.fromAsyncIterable<Uint8Array, ObjectMissing | ObjectsUnavailable>(
      createReadStream(objectFile(directory, key), { ...bounds, highWaterMark: chunkBytes }),
      missingOr(key)
    ).pipe(Stream.rechunk(1))
  }))

const make = Effect.fnUntraced(function*({ directory, signingKey }: FilesObjectSettings) {
  const arriving = join(directory, incoming)
  yield* onObjects(async () => {
    await mkdir(arriving, { recursive: true, mode: 0o700 })
    // What a killed server was receiving.
    for (const name of await readdir(arriving)) await rm(join(arriving, name), { force: true })
  })
  const signed = sign(signingKey)
  const store = ObjectStore.of({
    put: put(directory),
    adopt: adopt(directory),
    get: get(directory),
    size: (key) =>
      Effect.flatMap(onObjects(async () => sizeOf(objectFile(directory, key))), (size) =>
        size === null ? Effect.fail(new ObjectMissing({ key })) : Effect.succeed(size)),
    remove: (key) => onObjects(() => rm(objectFile(directory, key), { force: true })),
    presignPut: (key, part, expires) => Effect.map(signed("PUT", key, part, expires), (put) => ({ ...put, encodings: [coding] })),
    presignGet: (key, expires) => signed("GET", key, null, expires),
    ping: onObjects(async () => {
      const probe = join(arriving, `probe-${randomBytes(8).toString("hex")}`)
      try {
        // A full disk still takes names.
        await writeFile(probe, probeBytes, { flag: "wx", mode: 0o600 })
      } finally {
        await rm(probe, { force: true })
      }
    })
  })
  return Context.make(ObjectStore, store).pipe(Context.add(SignedObjects, { verify: verify(signingKey), take: take(directory) }))
})

export const layer = (
  settings: FilesObjectSettings
): Layer.Layer<ObjectStore | SignedObjects, ObjectsUnavailable> => Layer.effectContext(make(settings))
