/**
 * Making directories empty that stay mounted. The places in them where others are mounted stay too: removing one here
 * would unmount what is at it in the slot.
 */
import type { BigIntStats } from "node:fs"
import { chmod, lstat, readdir } from "node:fs/promises"
import { isWithin } from "./workdir.ts"
import { removeOnce } from "./SlotDirectory.ts"

/** Names are bytes; this text has one character for each. */
const textOf = (path: string | Buffer): string => Buffer.from(path).toString("latin1")

const slash = Buffer.from("/")

const empty = async (path: Buffer, places: ReadonlyArray<string>): Promise<void> => {
  for (const name of await readdir(path, { encoding: "buffer" })) {
    const entry = Buffer.concat([path, slash, name])
    const text = textOf(entry)
    if (places.includes(text)) continue
    const isAbove = places.some((place) => isWithin(place, text))
    if (!isAbove || !(await lstat(entry)).isDirectory()) {
      await removeOnce(entry)
      continue
    }
    await chmod(entry, 0o755)
    await empty(entry, places)
  }
}

/** Which directory it is, whatever is said of it. */
const identity = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`

/** Places by which directory each is, to be told again later. */
export type Places = ReadonlyMap<string, string>

export const placesAt = async (paths: ReadonlyArray<string>): Promise<Places> =>
  new Map(await Promise.all(
    paths.map(async (path) => [path, identity(await lstat(path, { bigint: true }))] as const)
  ))

/** Empties the directories, given with their modes, but for the places in them; fails when a script moved one of those. */
export const emptied = async (directories: ReadonlyMap<string, number>, places: Places): Promise<void> => {
  for (const [directory, mode] of directories) {
    // A script of the runner's own user may have closed it to itself.
    await chmod(directory, mode)
    await empty(Buffer.from(directory), [...places.keys()].map(textOf))
  }
  for (const [path, before] of places) {
    if (identity(await lstat(path, { bigint: true })) !== before) throw new Error(`${path} is another directory now`)
  }
}
