/**
 * Content-addressed parts of inputs on this worker's disk. A part is there whole or not at all; the one not used for
 * longest goes first when the cache is full; what an attempt has pinned stays.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Schema from "effect/Schema"
import { randomUUID } from "node:crypto"
import { constants } from "node:fs"
import { copyFile, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises"
import { join } from "node:path"
import type { Kept } from "rgrid/api/Caches"
import { Arrival, writeAt } from "rgrid/domain/Arrival"
import { Sha256 } from "rgrid/domain/JobSpec"
import type { Part } from "rgrid/ports/ExecutionStore"
import { digestFile } from "./attempt/digest.ts"
import { type FileTrouble, onDisk } from "./attempt/FileTrouble.ts"
import { StateDirectory } from "./StateDirectory.ts"
import { Turns } from "./Turns.ts"

/** The bytes that came are not those asked for. */
export class Damaged extends Schema.TaggedError<Damaged>()("Damaged", { part: Schema.String }) {}

export const defaultLimitBytes = 10 * 1024 ** 3

interface Entry {
  readonly size: number
  usedAt: number
}

export class Cache extends Context.Service<Cache, {
  /** Keeps these parts, there or yet to come, until the scope ends. */
  readonly pin: (parts: Iterable<Sha256>) => Effect.Effect<void, never, Scope.Scope>
  /** Which of these are not there. */
  readonly missing: (parts: Iterable<Part>) => ReadonlyArray<Part>
  /** Stores a part unless it is there. Asked twice at a time, it is brought once. */
  readonly bring: <E>(
    part: Part,
    bytes: Stream.Stream<Uint8Array, E>
  ) => Effect.Effect<void, E | Damaged | FileTrouble>
  /** As `bring`, where its bytes are in a file of this machine: a clone of it where the disk can, else a copy. */
  readonly adopt: (part: Part, file: string) => Effect.Effect<void, Damaged | FileTrouble>
  /** Where a part's bytes are. Never to be written to. */
  readonly path: (part: Sha256) => string
  readonly kept: Effect.Effect<Kept>
}>()("@rgrid/runner/Cache") {
  static readonly layer = (limitBytes = defaultLimitBytes): Layer.Layer<Cache, FileTrouble, StateDirectory> =>
    Layer.effect(Cache, Effect.flatMap(StateDirectory, ({ cache }) => make(cache, limitBytes)))
}

const isSha256 = Schema.is(Sha256)

/** Two letters of the hash a directory: none grows beyond what a file system likes. */
const pathIn = (directory: string, part: string): string => join(directory, part.slice(0, 2), part)

const loadDirectory = async (directory: string, entries: Map<string, Entry>): Promise<void> => {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    // What a killed runner was still writing.
    if (!isSha256(name)) await rm(path, { force: true, recursive: true })
    else {
      const { mtimeMs, size } = await stat(path)
      entries.set(name, { size, usedAt: mtimeMs })
    }
  }
}

const load = async (directory: string): Promise<Map<string, Entry>> => {
  const entries = new Map<string, Entry>()
  for (const item of await readdir(directory, { withFileTypes: true })) {
    if (item.isDirectory()) await loadDirectory(join(directory, item.name), entries)
  }
  return entries
}

const write = <E>(path: string, part: Part, bytes: Stream.Stream<Uint8Array, E>) =>
  Effect.gen(function*() {
    const file = yield* Effect.acquireRelease(
      onDisk(path, () => open(path, "wx", 0o600)),
      (handle) => Effect.promise(() => handle.close())
    )
    const arrival = new Arrival(part, (piece, at) => writeAt(file, piece, at))
    yield* Stream.runForEachArray(bytes, (chunks): Effect.Effect<void, Damaged | FileTrouble> =>
      // The server says how long a part is; a longer body must not fill the disk.
      arrival.fits(chunks)
        ? onDisk(path, () => arrival.add(chunks))
        : Effect.fail(new Damaged({ part: part.sha256 })))
    if (!(yield* onDisk(path, () => arrival.finish()))) return yield* new Damaged({ part: part.sha256 })
  }).pipe(Effect.scoped)

/** Never a second name for the same file: what a disk spoils of the grid's must not be spoilt here as well. */
const adopt = (path: string, part: Part, file: string): Effect.Effect<void, Damaged | FileTrouble> =>
  Effect.gen(function*() {
    yield* onDisk(path, () => copyFile(file, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE))
    const found = yield* onDisk(path, () => digestFile(path))
    if (found?.content.size !== part.size || found.content.sha256 !== part.sha256) {
      return yield* new Damaged({ part: part.sha256 })
    }
  })

class Store {
  readonly directory: string
  readonly limitBytes: number
  readonly entries: Map<string, Entry>
  readonly pins = new Map<string, number>()
  readonly turns = new Turns()
  total: number

  constructor(directory: string, limitBytes: number, entries: Map<string, Entry>) {
    this.directory = directory
    this.limitBytes = limitBytes
    this.entries = entries
    this.total = [...entries.values()].reduce((sum, entry) => sum + entry.size, 0)
  }

  has(part: Part): boolean {
    // A machine that lost power may have kept the name and not the bytes.
    return this.entries.get(part.sha256)?.size === part.size
  }

  count(parts: ReadonlyArray<string>, by: number): void {
    for (const part of parts) {
      const pins = (this.pins.get(part) ?? 0) + by
      if (pins > 0) this.pins.set(part, pins)
      else this.pins.delete(part)
    }
  }

  /** What has to go so that the cache fits its limit, forgotten already. */
  surplus(): ReadonlyArray<string> {
    if (this.total <= this.limitBytes) return []
    const gone: Array<string> = []
    const oldestFirst = [...this.entries].filter(([part]) => !this.pins.has(part))
      .sort(([, a], [, b]) => a.usedAt - b.usedAt)
    for (const [part, entry] of oldestFirst) {
      if (this.total <= this.limitBytes) break
      this.entries.delete(part)
      this.total -= entry.size
      gone.push(part)
    }
    return gone
  }
}

const add = <E>(store: Store, part: Part, make: (path: string) => Effect.Effect<void, E>) =>
  Effect.gen(function*() {
    if (store.has(part)) return
    const path = pathIn(store.directory, part.sha256)
    const temporary = `${path}.${randomUUID()}`
    yield* onDisk(path, () => mkdir(join(path, ".."), { recursive: true, mode: 0o700 }))
    yield* make(temporary).pipe(
      Effect.andThen(onDisk(path, () => rename(temporary, path))),
      Effect.onError(() => Effect.promise(() => rm(temporary, { force: true })))
    )
    store.total += part.size - (store.entries.get(part.sha256)?.size ?? 0)
    store.entries.set(part.sha256, { size: part.size, usedAt: Date.now() })
    yield* Effect.forEach(
      store.surplus(),
      (old) => Effect.promise(() => rm(pathIn(store.directory, old), { force: true }).catch(() => undefined)),
      { discard: true }
    )
  })

const touch = (store: Store, parts: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.promise(async () => {
    const now = new Date()
    for (const part of parts) {
      const entry = store.entries.get(part)
      if (entry === undefined) continue
      entry.usedAt = now.getTime()
      await utimes(pathIn(store.directory, part), now, now).catch(() => undefined)
    }
  })

const make = (directory: string, limitBytes: number): Effect.Effect<Cache["Service"], FileTrouble> =>
  Effect.map(onDisk(directory, () => load(directory)), (entries) => {
    const store = new Store(directory, limitBytes, entries)
    return {
      pin: (parts) => {
        const names = [...parts]
        return Effect.acquireRelease(
          Effect.sync(() => store.count(names, 1)),
          // Off the critical path: when it was used last matters only to the next eviction.
          () => Effect.andThen(Effect.sync(() => store.count(names, -1)), Effect.forkDetach(touch(store, names)))
        )
      },
      missing: (parts) => [...parts].filter((part) => !store.has(part)),
      bring: (part, bytes) => store.turns.one(part.sha256)(add(store, part, (path) => write(path, part, bytes))),
      adopt: (part, file) => store.turns.one(part.sha256)(add(store, part, (path) => adopt(path, part, file))),
      path: (part) => pathIn(directory, part),
      kept: Effect.sync(() => ({ parts: store.entries.size, bytes: store.total, limitBytes }))
    }
  })
