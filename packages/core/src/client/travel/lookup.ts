/**
 * What is at a path, asked once. Thousands of items name thousands of things of which most are not there: a directory is
 * listed once, and only what may be in it is looked at.
 */
import type { Stats } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { basename, dirname } from "node:path"

export type StatusOf = (path: string) => Promise<Stats | null>

export const statusOf: StatusOf = (path) => stat(path).catch(() => null)

/** Systems differ in which names they take for the same; none takes more than these. */
const loose = (name: string): string => name.normalize("NFKC").toLowerCase()

const absent = new Set(["ENOENT", "ENOTDIR"])

const once = <A>(look: (path: string) => Promise<A>, asked = new Map<string, Promise<A>>()) =>
  (path: string): Promise<A> => {
    const known = asked.get(path)
    if (known !== undefined) return known
    const asking = look(path)
    asked.set(path, asking)
    return asking
  }

export interface Lookup {
  readonly status: StatusOf
  /** Whether there may be something, from its directory's list; only a false is certain. Absolute paths. */
  readonly may: (path: string) => Promise<boolean>
  /** It was looked at already. */
  readonly know: (path: string, status: Stats) => void
}

export const makeLookup = (): Lookup => {
  // Null: it can't be listed, which says nothing about what is in it.
  const names = once(async (directory): Promise<ReadonlySet<string> | null> => {
    if (!await may(directory)) return new Set()
    return readdir(directory).then(
      (all) => new Set(all.map(loose)),
      (cause: NodeJS.ErrnoException) => absent.has(cause.code ?? "") ? new Set() : null
    )
  })
  const may = async (path: string): Promise<boolean> => {
    const above = dirname(path)
    if (above === path) return true
    const all = await names(above)
    return all === null || all.has(loose(basename(path)))
  }
  const known = new Map<string, Promise<Stats | null>>()
  const status = once(statusOf, known)
  return {
    may,
    status: async (path) => known.has(path) || await may(path) ? status(path) : null,
    know: (path, status) => known.set(path, Promise.resolve(status))
  }
}
