/** A slot's directory on the worker's disk: the workspace in it, whose it is, and its end. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { execFile } from "node:child_process"
import { chmodSync, chownSync, mkdirSync } from "node:fs"
import { chmod, mkdir, readdir, rm, symlink } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { promisify } from "node:util"
import type { SlotRequest } from "rgrid/ports/Sandbox"
import { mountsBeneath, unmount } from "../overlay/mount.ts"
import { removeFew } from "./removeFew.ts"
import { isWithin } from "./workdir.ts"

const execute = promisify(execFile)

/** Below the runner's state directory; closed to other users of the machine. */
export const slotsDirectory = (stateDirectory: string): string => join(stateDirectory, "slots")

export interface SlotDirectory {
  readonly path: string
  readonly workspace: string
  /** Whose the workspace is. */
  readonly uid: number
  readonly gid: number
}

const isRoot = process.getuid?.() === 0

const makeWorkspace = ({ gid, uid, workspace }: SlotDirectory): void => {
  mkdirSync(workspace, { mode: 0o755 })
  if (isRoot) chownSync(workspace, uid, gid)
}

/** At once: handing five calls to other threads takes ten times what they take. */
const create = (stateDirectory: string, slot: string, uid: number, gid: number): SlotDirectory => {
  const slots = slotsDirectory(stateDirectory)
  mkdirSync(slots, { recursive: true, mode: 0o700 })
  chmodSync(slots, 0o700)
  const path = join(slots, slot)
  mkdirSync(path, { mode: 0o755 })
  const directory = { path, workspace: join(path, "work"), uid, gid }
  makeWorkspace(directory)
  return directory
}

/** A script of the runner's own user may have closed directories to itself; open them before removing. */
export const removeOnce = async (path: string | Buffer): Promise<void> => {
  // Of a runner that was killed: what is below an overlay is not to be looked for in it.
  for (const target of mountsBeneath(path.toString())) await unmount(target)
  if (removeFew(path)) return
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  await remove().catch(async () => {
    await execute("chmod", ["-R", "u+rwx", path.toString()]).catch(() => undefined)
    await remove()
  })
}

/** With nothing in it but another workspace. */
export const renew = async (directory: SlotDirectory): Promise<void> => {
  for (const name of await readdir(directory.path)) await removeOnce(join(directory.path, name))
  makeWorkspace(directory)
}

/** Never fails: what can't be removed now is found by `reclaim`. */
export const remove = (path: string): Effect.Effect<void> =>
  Effect.tryPromise(() => removeOnce(path)).pipe(
    Effect.catch((error) => Effect.logWarning("A slot's directory could not be removed", path, error))
  )

/** Makes the directory with an empty workspace owned by the script's user; it goes with the scope. */
export const make = <E>(
  options: {
    readonly stateDirectory: string
    readonly slot: string
    readonly uid: number
    readonly gid: number
    readonly onError: (cause: unknown) => E
  }
): Effect.Effect<SlotDirectory, E, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => create(options.stateDirectory, options.slot, options.uid, options.gid),
      catch: options.onError
    }),
    ({ path }) => remove(path)
  )

/** Every user may write there. */
const shared = ["/tmp", "/var/tmp"]

/** Of a directory that a script sees at this path. */
export const modeAt = (there: string): number => shared.includes(there) ? 0o1777 : 0o755

/** An empty directory for each root outside the workspace, with a place for the workspace in the one above it. */
export const makeOutside = async (
  directory: SlotDirectory,
  { outside, workdir }: Pick<SlotRequest, "outside" | "workdir">
): Promise<ReadonlyMap<string, string>> => {
  const made = new Map<string, string>()
  for (const [index, there] of outside.entries()) {
    const path = join(directory.path, "outside", String(index))
    const within = isWithin(workdir, there) ? relative(there, workdir) : ""
    await mkdir(join(path, within), { recursive: true, mode: 0o755 })
    await chmod(path, modeAt(there))
    made.set(there, path)
  }
  return made
}

const treeAt = (directory: SlotDirectory, outside: ReadonlyMap<string, string>, workdir: string, at: string) => {
  const trees = [[workdir, directory.workspace] as const, ...outside]
  return trees.find(([there]) => isWithin(at, there))
}

/** An empty directory for each mount that is beneath one of ours: the engine would make it, as root's. Answers them. */
export const makePlaces = async (
  directory: SlotDirectory,
  outside: ReadonlyMap<string, string>,
  { mounts, workdir }: Pick<SlotRequest, "mounts" | "workdir">
): Promise<ReadonlyArray<string>> => {
  const places: Array<string> = []
  for (const { at } of mounts ?? []) {
    const tree = treeAt(directory, outside, workdir, at)
    if (tree === undefined) continue
    const place = join(tree[1], relative(tree[0], at))
    await mkdir(place, { recursive: true, mode: 0o755 })
    places.push(place)
  }
  return places
}

/** In place of mounts, a link for each that is beneath the workspace. */
export const linkPlaces = async (
  { workspace }: SlotDirectory,
  { mounts, workdir }: Pick<SlotRequest, "mounts" | "workdir">
): Promise<void> => {
  for (const { at, source } of mounts ?? []) {
    if (!isWithin(at, workdir)) continue
    const link = join(workspace, relative(workdir, at))
    await mkdir(dirname(link), { recursive: true, mode: 0o755 })
    await symlink(source, link)
  }
}

/**
 * A directory that may stand in for an image's `/root`, which images keep closed to all but root: readable, with a
 * place in it for each of the directories beneath `/root`. (A tmpfs won't do: runc gives it the mode of the directory
 * it covers.)
 */
export const openRoot = async (directory: SlotDirectory, beneath: ReadonlyArray<string>): Promise<string> => {
  const path = join(directory.path, "root")
  for (const there of beneath) await mkdir(join(path, relative("/root", there)), { recursive: true, mode: 0o755 })
  return path
}

/** Names of the slots that have a directory. */
export const list = (stateDirectory: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(() => readdir(slotsDirectory(stateDirectory)).catch(() => []))
