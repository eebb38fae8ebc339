/**
 * Large inputs that many scripts read, each laid out once: overlays show them to any number of scripts, which see and
 * change them as their own, and nothing is copied. Only for what is asked for again: the first time costs a copy either
 * way, and this one would stay.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { createHash, randomUUID } from "node:crypto"
import { chown, mkdir, readdir, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { InputFile } from "rgrid/domain/JobSpec"
import { type FileTrouble, onDisk } from "../attempt/FileTrouble.ts"
import { StateDirectory } from "../StateDirectory.ts"
import { Turns } from "../Turns.ts"
import { works } from "./mount.ts"

/** One placed file: where it is in the workspace, what it is, and whose. */
export interface Wanted {
  readonly path: string
  readonly file: InputFile
  readonly uid: number
  readonly gid: number
}

export class Lowers extends Context.Service<Lowers, {
  /** Where they are; null where overlays don't work. */
  readonly base: string | null
  /**
   * Those of the files that are worth it, by names of directories beneath `base`: asked for before, and together more
   * than `leastBytes`. `write` lays out one file. They stay while the scope is open.
   */
  readonly of: <E>(
    wanted: ReadonlyArray<Wanted>,
    write: (file: InputFile, path: string) => Effect.Effect<void, E>
  ) => Effect.Effect<ReadonlyMap<Wanted, string>, E | FileTrouble, Scope.Scope>
}>()("@rgrid/runner/overlay/Lowers") {
  static readonly layer = (limitBytes = defaultLimitBytes): Layer.Layer<Lowers, never, StateDirectory> =>
    Layer.effect(Lowers, Effect.flatMap(StateDirectory, ({ lowers }) => make(lowers, limitBytes)))
}

export const defaultLimitBytes = 10 * 1024 ** 3

/** A mount takes about as long as copying this. */
export const leastBytes = 32 * 1024 * 1024

/** The options of a mount hold so many names at most. */
const most = 12

/** How many files one remembers to have seen. */
const remembered = 10_000

const nameOf = ({ file: { content, mode, modifiedAt }, gid, path, uid }: Wanted): string =>
  createHash("sha256").update(JSON.stringify([path, content.sha256, mode, modifiedAt, uid, gid])).digest("hex").slice(0, 16)

const bytesOf = (wanted: Iterable<Wanted>): number =>
  Array.from(wanted).reduce((sum, { file }) => sum + file.content.size, 0)

interface Entry {
  readonly size: number
  pins: number
}

class Store {
  readonly base: string
  readonly limitBytes: number
  /** Oldest use first. */
  readonly there = new Map<string, Entry>()
  private readonly seen = new Set<string>()
  readonly turns = new Turns()

  constructor(base: string, limitBytes: number) {
    this.base = base
    this.limitBytes = limitBytes
  }

  /** Whether it was asked for before; from now on it was. */
  isKnown(name: string): boolean {
    const known = this.seen.delete(name)
    this.seen.add(name)
    for (const oldest of this.seen) {
      if (this.seen.size <= remembered) break
      this.seen.delete(oldest)
    }
    return known
  }

  choose(wanted: ReadonlyArray<Wanted>): ReadonlyMap<string, Wanted> {
    const known = wanted.map((one) => [nameOf(one), one] as const).filter(([name]) => this.isKnown(name))
    const largest = known.toSorted(([, a], [, b]) => b.file.content.size - a.file.content.size).slice(0, most)
    return bytesOf(largest.map(([, one]) => one)) < leastBytes ? new Map() : new Map(largest)
  }

  pin(name: string, size: number): void {
    const entry = this.there.get(name) ?? { size, pins: 0 }
    entry.pins++
    this.there.delete(name)
    this.there.set(name, entry)
  }

  unpin(name: string): void {
    const entry = this.there.get(name)
    if (entry !== undefined) entry.pins--
  }

  /** What has to go so that all fits, forgotten already. */
  surplus(): ReadonlyArray<string> {
    let total = Array.from(this.there.values()).reduce((sum, { size }) => sum + size, 0)
    const gone: Array<string> = []
    for (const [name, { pins, size }] of this.there) {
      if (total <= this.limitBytes) break
      if (pins > 0) continue
      this.there.delete(name)
      gone.push(name)
      total -= size
    }
    return gone
  }
}

/** In turn with who lays out the same again meanwhile: what they have made stays. */
const remove = (store: Store, names: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.forEach(names, (name) =>
    Effect.suspend(() =>
      store.there.has(name)
        ? Effect.void
        : Effect.ignore(Effect.tryPromise(() => rm(join(store.base, name), { recursive: true, force: true })))
    ).pipe(store.turns.one(name)), { discard: true })

const ownAll = async (root: string, { gid, path, uid }: Wanted): Promise<void> => {
  for (let at = path; at !== "."; at = dirname(at)) await chown(join(root, at), uid, gid)
}

/** Under another name until it is whole. */
const build = Effect.fnUntraced(function*<E>(
  store: Store,
  name: string,
  wanted: Wanted,
  write: (file: InputFile, path: string) => Effect.Effect<void, E>
) {
  const temporary = join(store.base, `new-${randomUUID()}`)
  const path = join(temporary, wanted.path)
  yield* onDisk(path, () => mkdir(dirname(path), { recursive: true, mode: 0o755 }))
  yield* write(wanted.file, path)
  yield* onDisk(path, async () => {
    await ownAll(temporary, wanted)
    await rename(temporary, join(store.base, name))
  })
})

const make = Effect.fnUntraced(function*(directory: string, limitBytes: number) {
  // What an earlier life laid out: whether all of it is there, nobody knows.
  const old = yield* Effect.promise(() => readdir(directory).catch(() => []))
  const store = new Store(directory, limitBytes)
  yield* remove(store, old)
  const base = (yield* works(directory)) ? directory : null

  const have = Effect.fnUntraced(function*<E>(
    name: string,
    wanted: Wanted,
    write: (file: InputFile, path: string) => Effect.Effect<void, E>
  ) {
    yield* Effect.suspend(() => store.there.has(name) ? Effect.void : build(store, name, wanted, write)).pipe(
      Effect.andThen(Effect.sync(() => store.pin(name, wanted.file.content.size))),
      store.turns.one(name)
    )
    yield* Effect.addFinalizer(() => Effect.suspend(() => {
      store.unpin(name)
      return remove(store, store.surplus())
    }))
    return [wanted, name] as const
  })

  return Lowers.of({
    base,
    of: (wanted, write) =>
      base === null
        ? Effect.succeed(new Map())
        : Effect.forEach(store.choose(wanted), ([name, one]) => have(name, one, write)).pipe(
          Effect.map((pairs) => new Map(pairs))
        )
  })
})
