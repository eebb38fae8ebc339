/**
 * Layers on this worker's disk. One is there whole or not at all; the one not used for longest goes first when they take
 * too much; what an attempt uses stays.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Schema from "effect/Schema"
import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, stat, statfs, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { type FileTrouble, onDisk } from "../attempt/FileTrouble.ts"

const execute = promisify(execFile)

const mostBytes = 10 * 1024 ** 3

/** A log of a failed build tells nobody anything after this long. */
const logsKeptMillis = 7 * 24 * 3600 * 1000

/** Beside what is installed, written last: without it a directory is what a killed runner left. */
const Mark = Schema.fromJsonString(Schema.Struct({ bytes: Schema.Int, builtAt: Schema.Int }))
const encodeMark = Schema.encodeSync(Mark)
const decodeMark = Schema.decodeUnknownSync(Mark)

const markIn = (directory: string): string => join(directory, "layer.json")

/** What is installed, in the layer's own directory. */
export const treeIn = (directory: string): string => join(directory, "tree")

interface Entry {
  /** Another one for each time it is built: a slot made ready with an older one must fit no newer. */
  readonly directory: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly builtAt: number
  usedAt: number
  users: number
  /** It is the layer no more, and goes with its last user. */
  isOutdated: boolean
}

type Entries = Map<string, Entry>

const loadOne = async (directory: string): Promise<Entry | null> => {
  const path = markIn(directory)
  try {
    const { builtAt, bytes } = decodeMark(await readFile(path, "utf8"))
    return { directory, bytes, builtAt, usedAt: (await stat(path)).mtimeMs, users: 0, isOutdated: false }
  } catch {
    await rm(directory, { recursive: true, force: true })
    return null
  }
}

const forgetOld = async (log: string): Promise<void> => {
  if (Date.now() - (await stat(log)).mtimeMs > logsKeptMillis) await rm(log, { force: true })
}

const loadAccount = async (root: string, account: string, entries: Entries): Promise<void> => {
  for (const item of await readdir(join(root, account), { withFileTypes: true })) {
    const path = join(root, account, item.name)
    if (!item.isDirectory()) {
      await forgetOld(path)
      continue
    }
    const entry = await loadOne(path)
    if (entry !== null) entries.set(`${account}/${item.name.split(".")[0]}`, entry)
  }
}

const load = async (root: string): Promise<Entries> => {
  const entries: Entries = new Map()
  for (const account of await readdir(root)) await loadAccount(root, account, entries)
  return entries
}

const sum = (entries: Entries): number => [...entries.values()].reduce((total, { bytes }) => total + bytes, 0)

/** A quarter of what is free, were there no layers, and 10 GiB at most. */
const affordable = async (root: string, entries: Entries): Promise<number> => {
  const { bavail, bsize } = await statfs(root)
  return Math.min(mostBytes, Math.floor((bavail * bsize + sum(entries)) / 4))
}

/** As the disk counts them: what is linked twice is there once. */
const bytesOf = async (directory: string): Promise<number> => {
  const { stdout } = await execute("du", ["-sk", "--", directory])
  return Number.parseInt(stdout, 10) * 1024
}

/** What has to go so that all fits, forgotten already. */
const surplus = (entries: Entries, limit: number): ReadonlyArray<string> => {
  const oldestFirst = [...entries].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt)
  const gone: Array<string> = []
  for (const [id, { directory }] of oldestFirst) {
    if (sum(entries) <= limit) break
    entries.delete(id)
    gone.push(directory)
  }
  return gone
}

/** The mark first: half of it is none. */
const discard = async (directory: string): Promise<void> => {
  await rm(markIn(directory), { force: true })
  await rm(directory, { recursive: true, force: true })
}

const touch = (entry: Entry): Promise<void> => {
  const now = new Date()
  entry.usedAt = now.getTime()
  return utimes(markIn(entry.directory), now, now).catch(() => undefined)
}

export interface Store {
  readonly has: (id: string) => boolean
  /** Its directory, which stays while the scope is open; null where there is none. */
  readonly use: (id: string) => Effect.Effect<string | null, never, Scope.Scope>
  /** A new directory to fill; it goes with the scope unless it was kept. */
  readonly begin: (id: string) => Effect.Effect<string, FileTrouble, Scope.Scope>
  /** From here on it is the layer. */
  readonly keep: (id: string, directory: string) => Effect.Effect<void, FileTrouble>
  /** From here on there is no layer, if it was built before that time. Who uses it keeps it. Whether there was one. */
  readonly outdate: (id: string, before: number) => Effect.Effect<boolean>
  readonly kept: () => { readonly count: number; readonly bytes: number }
  /** Where the newest building's log goes. */
  readonly log: (id: string) => string
}

const begin = (root: string, entries: Entries, id: string) => {
  const directory = join(root, `${id}.${randomBytes(4).toString("hex")}`)
  return Effect.acquireRelease(
    onDisk(directory, async () => {
      await mkdir(join(directory, ".."), { recursive: true, mode: 0o700 })
      await mkdir(directory, { mode: 0o755 })
      await mkdir(treeIn(directory), { mode: 0o755 })
      return directory
    }),
    () => entries.get(id)?.directory === directory ? Effect.void : Effect.promise(() => discard(directory))
  )
}

const keep = (entries: Entries, id: string, directory: string): Effect.Effect<void, FileTrouble> =>
  onDisk(directory, async () => {
    const bytes = await bytesOf(directory)
    const temporary = `${markIn(directory)}.new`
    const builtAt = Date.now()
    await writeFile(temporary, encodeMark({ bytes, builtAt }))
    await rename(temporary, markIn(directory))
    entries.set(id, { directory, bytes, builtAt, usedAt: builtAt, users: 0, isOutdated: false })
  })

const outdate = async (entries: Entries, id: string, before: number): Promise<boolean> => {
  const entry = entries.get(id)
  if (entry === undefined || entry.builtAt > before) return false
  entries.delete(id)
  entry.isOutdated = true
  // Whatever becomes of this runner, the next start takes it for none.
  await rm(markIn(entry.directory), { force: true }).catch(() => undefined)
  if (entry.users === 0) await discard(entry.directory).catch(() => undefined)
  return true
}

export const make = Effect.fnUntraced(function*(root: string, limitBytes: number | undefined) {
  const entries = yield* onDisk(root, () => load(root))
  const limit = limitBytes ?? (yield* onDisk(root, () => affordable(root, entries)))
  const fit = Effect.promise(async () => {
    for (const directory of surplus(entries, limit)) await discard(directory).catch(() => undefined)
  })
  const release = (entry: Entry): Effect.Effect<void> =>
    Effect.suspend(() => {
      entry.users--
      if (entry.isOutdated) {
        return entry.users > 0 ? Effect.void : Effect.promise(() => discard(entry.directory).catch(() => undefined))
      }
      return Effect.andThen(Effect.promise(() => touch(entry)), fit)
    })
  const use = (id: string) =>
    Effect.suspend((): Effect.Effect<string | null, never, Scope.Scope> => {
      const entry = entries.get(id)
      if (entry === undefined) return Effect.succeed(null)
      const hold = Effect.sync(() => {
        entry.users++
        return entry.directory
      })
      return Effect.acquireRelease(hold, () => release(entry))
    })
  return {
    has: (id) => entries.has(id),
    use,
    begin: (id) => begin(root, entries, id),
    keep: (id, directory) => keep(entries, id, directory),
    outdate: (id, before) => Effect.promise(() => outdate(entries, id, before)),
    kept: () => ({ count: entries.size, bytes: sum(entries) }),
    log: (id) => `${join(root, id)}.log`
  } satisfies Store as Store
})

