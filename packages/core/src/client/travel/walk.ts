/** All below a directory: links as what they point to, without going round in circles. */
import type { Stats } from "node:fs"
import { readdir, realpath, stat } from "node:fs/promises"
import { join } from "node:path"
import { refusal } from "./place.ts"

export interface Seen {
  readonly here: string
  readonly status: Stats
}

export interface Walked {
  readonly files: Array<Seen>
  readonly directories: Array<string>
  /** Whether there was more than `limit` entries. */
  cut: boolean
}

export interface WalkOptions {
  /** Entries looked at. */
  readonly limit?: number
  /** Directories that are not entered. */
  readonly skips?: (directory: string, name: string) => boolean
}

// Links may make a tree of any size out of few directories.
const maxLinks = 1_000

interface Walk extends WalkOptions {
  readonly found: Walked
  entries: number
  links: number
}

/** A directory is entered through a link unless it stands above, or is one that is never sent. */
const mayFollow = async (walk: Walk, directory: string, above: ReadonlyArray<string>) => {
  const target = await realpath(directory)
  return walk.links++ < maxLinks && !above.includes(target) && refusal(target) === null
}

const enter = async (walk: Walk, directory: string, above: ReadonlyArray<string>): Promise<void> => {
  const own = [...above, await realpath(directory)]
  walk.found.directories.push(directory)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (++walk.entries > (walk.limit ?? Infinity)) {
      walk.found.cut = true
      return
    }
    const here = join(directory, entry.name)
    if (entry.isDirectory()) {
      if (walk.skips?.(here, entry.name) !== true && refusal(here) === null) await enter(walk, here, own)
      continue
    }
    if (!entry.isFile() && !entry.isSymbolicLink()) continue
    // A dangling link is not there.
    const status = await stat(here).catch(() => null)
    if (status?.isFile() === true) {
      if (!entry.isSymbolicLink() || refusal(here) === null) walk.found.files.push({ here, status })
    } else if (status?.isDirectory() === true && walk.skips?.(here, entry.name) !== true) {
      if (await mayFollow(walk, here, own)) await enter(walk, here, own)
    }
  }
}

/** Fails as the file system does when a directory can't be read. */
export const walk = async (directory: string, options: WalkOptions = {}): Promise<Walked> => {
  const found: Walked = { files: [], directories: [], cut: false }
  await enter({ ...options, found, entries: 0, links: 0 }, directory, [])
  return found
}
