/**
 * Addresses of large files, remembered from one command to the next while the files stay as they are. A file for each, so
 * that commands at the same time never wait for or spoil one another; what can't be read or written is done without.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash, randomUUID } from "node:crypto"
import type { BigIntStats } from "node:fs"
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { FileContent, partBytes } from "../../domain/JobSpec.ts"
import { digestFile } from "../digest.ts"
import { cacheDirectory } from "./directory.ts"

/** Hashing less takes no longer than looking it up. */
export const smallest = 1024 * 1024

/** A file can change twice within what its system counts as one moment: only what has rested is remembered. */
const restMillis = 2000

/** In each of 256 directories: the oldest go. */
const mostInOne = 64

const Whole = Schema.String.check(Schema.isPattern(/^-?\d{1,30}$/))
const Mark = Schema.Struct({ size: Whole, modified: Whole, changed: Whole, device: Whole, inode: Whole })
const Entry = Schema.fromJsonString(Schema.Struct({ mark: Mark, content: FileContent }))
const encode = Schema.encodeSync(Entry)
const decode = Schema.decodeUnknownOption(Entry)

const markOf = ({ ctimeNs, dev, ino, mtimeNs, size }: BigIntStats): typeof Mark.Type => ({
  size: `${size}`,
  modified: `${mtimeNs}`,
  changed: `${ctimeNs}`,
  device: `${dev}`,
  inode: `${ino}`
})

const isSame = (one: typeof Mark.Type, other: typeof Mark.Type): boolean =>
  one.size === other.size && one.modified === other.modified && one.changed === other.changed &&
  one.device === other.device && one.inode === other.inode

/** Also false for a time to come, which the next change may have as well. */
const hasRested = ({ ctimeMs, mtimeMs }: BigIntStats, now: number): boolean =>
  now - Number(ctimeMs > mtimeMs ? ctimeMs : mtimeMs) >= restMillis

const addressesIn = (cache: string): string => join(cache, "addresses")

const placeOf = (cache: string, path: string): string => {
  const name = createHash("sha256").update(path).digest("hex")
  return join(addressesIn(cache), name.slice(0, 2), name)
}

const recall = async (place: string, mark: typeof Mark.Type): Promise<FileContent | null> => {
  const entry = decode(await readFile(place, "utf8").catch(() => ""))
  if (entry._tag === "None" || !isSame(entry.value.mark, mark)) return null
  const { content } = entry.value
  const isWhole = `${content.size}` === mark.size && content.parts.length === Math.ceil(content.size / partBytes)
  return isWhole ? content : null
}

const makeRoom = async (directory: string): Promise<void> => {
  const names = await readdir(directory)
  if (names.length <= mostInOne) return
  const aged = await Promise.all(names.map(async (name) => {
    const path = join(directory, name)
    return { path, age: await stat(path).then(({ mtimeMs }) => mtimeMs, () => 0) }
  }))
  const oldest = aged.sort((one, other) => one.age - other.age).slice(0, names.length - mostInOne)
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true })))
}

/** Whoever reads meanwhile sees the old entry or the new one. */
const keep = async (place: string, mark: typeof Mark.Type, content: FileContent): Promise<void> => {
  const fresh = `${place}.${randomUUID()}`
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  await writeFile(fresh, encode({ mark, content }), { mode: 0o600, flag: "wx" })
  await rename(fresh, place)
  await makeRoom(dirname(place))
}

const statusOf = (path: string): Effect.Effect<BigIntStats, NodeJS.ErrnoException> =>
  Effect.tryPromise({ try: () => stat(path, { bigint: true }), catch: (cause) => cause as NodeJS.ErrnoException })

export interface AddressOptions {
  /** Hashes anew whatever is remembered. */
  readonly fresh?: boolean
  /** Where it is remembered. */
  readonly cache?: string
}

/** A file's content address. Fails with what the file system said. */
export const addressOfFile = Effect.fnUntraced(function*(path: string, options: AddressOptions = {}) {
  const now = yield* Clock.currentTimeMillis
  const status = yield* statusOf(path)
  if (status.size < smallest || !hasRested(status, now)) return yield* digestFile(path)
  const [mark, place] = [markOf(status), placeOf(options.cache ?? cacheDirectory(), path)]
  const known = options.fresh === true ? null : yield* Effect.promise(() => recall(place, mark))
  if (known !== null) return known
  const content = yield* digestFile(path)
  const isStill = isSame(markOf(yield* statusOf(path)), mark)
  if (isStill) yield* Effect.promise(() => keep(place, mark, content).catch(() => undefined))
  return content
})

/** How many files are remembered, and what that takes. */
export const remembered = (cache: string = cacheDirectory()): Effect.Effect<{ readonly files: number; readonly bytes: number }> =>
  Effect.promise(async () => {
    const found = await readdir(addressesIn(cache), { recursive: true, withFileTypes: true }).catch(() => [])
    const files = found.filter((each) => each.isFile())
    const sizes = await Promise.all(files.map((each) => stat(join(each.parentPath, each.name)).then(({ size }) => size, () => 0)))
    return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  })

/** Its bytes were others than what is remembered. */
export const forgetFile = (path: string, cache: string = cacheDirectory()): Effect.Effect<void> =>
  Effect.promise(() => rm(placeOf(cache, path), { force: true }).catch(() => undefined))

export const forgetAll = (cache: string = cacheDirectory()): Effect.Effect<void, NodeJS.ErrnoException> =>
  Effect.tryPromise({
    try: () => rm(addressesIn(cache), { recursive: true, force: true }),
    catch: (cause) => cause as NodeJS.ErrnoException
  })
