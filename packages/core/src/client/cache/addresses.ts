/** Addresses of large files, remembered from one command to the next while the files stay as they are. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { BigIntStats } from "node:fs"
import { readdir, readFile, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { FileContent, partBytes } from "../../domain/JobSpec.ts"
import { digestFile } from "../digest.ts"
import { cacheDirectory } from "./directory.ts"
import { keep, placeOf } from "./entries.ts"
import { verdictsIn } from "./verdicts.ts"

/** Hashing less takes no longer than looking it up. */
export const smallest = 1024 * 1024

/** A file can change twice within what its system counts as one moment: only what has rested is remembered. */
const restMillis = 2000

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

const addressPlace = (cache: string, path: string): string => placeOf(addressesIn(cache), path)

const recall = async (place: string, mark: typeof Mark.Type): Promise<FileContent | null> => {
  const entry = decode(await readFile(place, "utf8").catch(() => ""))
  if (entry._tag === "None" || !isSame(entry.value.mark, mark)) return null
  const { content } = entry.value
  const isWhole = `${content.size}` === mark.size && content.parts.length === Math.ceil(content.size / partBytes)
  return isWhole ? content : null
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
  const [mark, place] = [markOf(status), addressPlace(options.cache ?? cacheDirectory(), path)]
  const known = options.fresh === true ? null : yield* Effect.promise(() => recall(place, mark))
  if (known !== null) return known
  const content = yield* digestFile(path)
  const isStill = isSame(markOf(yield* statusOf(path)), mark)
  if (isStill) yield* Effect.promise(() => keep(place, encode({ mark, content })).catch(() => undefined))
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
  Effect.promise(() => rm(addressPlace(cache, path), { force: true }).catch(() => undefined))

/** Of addresses and verdicts. */
export const forgetAll = (cache: string = cacheDirectory()): Effect.Effect<void, NodeJS.ErrnoException> =>
  Effect.tryPromise({
    try: async () => {
      for (const one of [addressesIn(cache), verdictsIn(cache)]) await rm(one, { recursive: true, force: true })
    },
    catch: (cause) => cause as NodeJS.ErrnoException
  })
