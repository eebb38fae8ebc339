/**
 * Puts an attempt's inputs into its slot: copies from the cache, reflinks where the disk can, so that no script ever
 * holds a cached inode. Paths are checked again here: the spec came over a network, and this runs as the runner's user.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { constants, type BigIntStats } from "node:fs"
import { chmod, copyFile, lstat, mkdir, open } from "node:fs/promises"
import { join, relative } from "node:path"
import type { FileContent, InputFile, JobSpec, Sha256 } from "rgrid/domain/JobSpec"
import { Cache } from "../Cache.ts"
import { isWithin } from "../slot/workdir.ts"
import { codeOf, type FileTrouble, onDisk } from "./FileTrouble.ts"
import { isDirectoryHere, isFileHere } from "./inPlace.ts"
import { standingOf } from "./outside.ts"

/** The spec names a place where nothing may be put: none of the slot's, through a link, or over another input. */
export class InputMisplaced extends Schema.TaggedError<InputMisplaced>()("InputMisplaced", {
  path: Schema.String,
  detail: Schema.String
}) {}

/** Where a slot is filled. */
export interface Ground {
  readonly workspace: string
  /** Directories here by the paths the script sees them at, or `here`: it sees this machine's own files. */
  readonly outside: ReadonlyMap<string, string> | "here"
}

/** An input as the script finds it, to tell later whether it was changed. */
export interface Before {
  readonly sha256: Sha256
  readonly mode: number
  readonly size: bigint
  readonly inode: bigint
  readonly modified: bigint
  readonly changed: bigint
  /** The file is so young that a write just after would leave the same times: only its content can tell. */
  readonly young: boolean
}

/** What stood in the workspace before the script started; nothing of what is outside it. */
export interface Snapshot {
  readonly files: ReadonlyMap<string, Before>
  readonly directories: ReadonlySet<string>
}

/** The kernel stamps files by its tick, up to 10 ms. */
const tickNanos = 10_000_000n

/** Comparing more than this by content would cost more than waiting a tick. */
const mostYoungBytes = 16n * 1024n * 1024n

const parallel = 16

export class Workspace extends Context.Service<Workspace, {
  /** Fills an empty workspace and what is outside it. All parts are in the cache. */
  readonly fill: (ground: Ground, spec: JobSpec) => Effect.Effect<void, InputMisplaced | FileTrouble>
  /** Looks at what was filled in, after its owner was set and before the script starts. */
  readonly snapshot: (directory: string, spec: JobSpec) => Effect.Effect<Snapshot, InputMisplaced | FileTrouble>
}>()("@rgrid/runner/Workspace") {
  static readonly layer: Layer.Layer<Workspace, never, Cache> = Layer.effect(
    Workspace,
    Effect.map(Cache, (cache) =>
      Workspace.of({
        fill: (ground, spec) => fill(cache.path, ground, spec),
        snapshot
      }))
  )
}

/** Where something is put: in a directory of the slot, or nowhere, since it has to be on this machine already. */
interface Place {
  /** As the spec has it. */
  readonly named: string
  /** The workspace, a directory outside it, or null for this machine as it is. */
  readonly base: string | null
  /** Relative to `base`; empty for the base itself. Absolute where there is none. */
  readonly path: string
}

const placeOf = ({ outside, workspace }: Ground, cwd: string, named: string): Effect.Effect<Place, InputMisplaced> => {
  const standing = standingOf(cwd, named)
  if (standing === null) return Effect.fail(new InputMisplaced({ path: named, detail: "It is no path of a file." }))
  const { _tag, path } = standing
  if (_tag === "Inside") return Effect.succeed({ named, base: workspace, path })
  if (outside === "here") return Effect.succeed({ named, base: null, path })
  for (const [there, base] of outside) {
    if (isWithin(path, there)) return Effect.succeed({ named, base, path: relative(there, path) })
  }
  return Effect.fail(new InputMisplaced({ path: named, detail: "The slot has no such directory." }))
}

const parentsOf = (path: string): ReadonlyArray<string> => {
  const names = path.split("/")
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"))
}

const refuse = (path: string, cause: unknown): unknown =>
  ["EEXIST", "ELOOP", "ENOTDIR", "EISDIR"].includes(codeOf(cause))
    ? new InputMisplaced({ path, detail: "Something else stands there." })
    : cause

/** As `onDisk`, but something in the way is the spec's fault and not the disk's. */
const place = (path: string, act: () => Promise<void>): Effect.Effect<void, InputMisplaced | FileTrouble> =>
  Effect.suspend(() => {
    let misplaced: InputMisplaced | null = null
    return onDisk(path, () =>
      act().catch((cause: unknown) => {
        const refusal = refuse(path, cause)
        if (refusal instanceof InputMisplaced) misplaced = refusal
        throw refusal
      })).pipe(Effect.catch((trouble) => Effect.fail(misplaced ?? trouble)))
  })

/** One real directory, whatever the umask; what stands there already must be one and no link to one. */
const makeDirectory = async (path: string): Promise<void> => {
  try {
    await mkdir(path, { mode: 0o755 })
    await chmod(path, 0o755)
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw cause
    if (!(await lstat(path)).isDirectory()) throw cause
  }
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

const concatenate = async (sources: ReadonlyArray<string>, target: string): Promise<void> => {
  const out = await open(target, newFile, 0o600)
  try {
    const chunk = Buffer.allocUnsafe(1024 * 1024)
    for (const source of sources) {
      const part = await open(source, "r")
      try {
        for (let { bytesRead } = await part.read(chunk); bytesRead > 0; { bytesRead } = await part.read(chunk)) {
          await out.appendFile(chunk.subarray(0, bytesRead))
        }
      } finally {
        await part.close()
      }
    }
  } finally {
    await out.close()
  }
}

const copy = async (sources: ReadonlyArray<string>, target: string, mode: number): Promise<void> => {
  const [only] = sources
  if (only !== undefined && sources.length === 1) {
    await copyFile(only, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  } else {
    await concatenate(sources, target)
  }
  await chmod(target, mode & 0o777)
}

interface Placed extends Place {
  readonly file: InputFile
}

const placeFile = (ground: Ground, cwd: string) => (file: InputFile): Effect.Effect<Placed, InputMisplaced> =>
  Effect.flatMap(placeOf(ground, cwd, file.path), (found) =>
    found.path === ""
      ? Effect.fail(new InputMisplaced({ path: file.path, detail: "It is a directory, too." }))
      : Effect.succeed({ ...found, file }))

/** A directory in the slot, to be made. */
interface Made extends Place {
  readonly base: string
}

/** Itself and all above it in its base. Nothing is made on this machine as it is. */
const chain = ({ base, named, path }: Place, self: boolean): ReadonlyArray<Made> =>
  base === null || path === ""
    ? []
    : [...parentsOf(path), ...(self ? [path] : [])].map((path) => ({ named, base, path }))

const placeAll = (ground: Ground, spec: JobSpec) =>
  Effect.gen(function*() {
    const files = yield* Effect.forEach(spec.files, placeFile(ground, spec.cwd))
    const named = yield* Effect.forEach(
      spec.directories.filter((path) => path !== spec.cwd),
      (path) => placeOf(ground, spec.cwd, path)
    )
    const made = [...named.flatMap((one) => chain(one, true)), ...files.flatMap((one) => chain(one, false))]
    const directories = new Map(made.map((one) => [join(one.base, one.path), one]))
    return { files, named, directories }
  })

const changed = (path: string) =>
  Effect.fail(new InputMisplaced({ path, detail: "This machine has another there, or none." }))

/** What nothing can be mounted for is used where it is, if it is the very same. */
const confirm = (path: string, content: FileContent | null): Effect.Effect<void, InputMisplaced> =>
  Effect.flatMap(
    Effect.promise(() => content === null ? isDirectoryHere(path) : isFileHere(path, content)),
    (same) => same ? Effect.void : changed(path)
  )

const fill = Effect.fnUntraced(function*(source: (part: Sha256) => string, ground: Ground, spec: JobSpec) {
  const { directories, files, named } = yield* placeAll(ground, spec)
  yield* Effect.forEach(named, ({ base, path }) => base === null ? confirm(path, null) : Effect.void, { discard: true })
  // Sorted, a parent comes before what is in it.
  for (const path of [...directories.keys()].sort()) {
    yield* place(directories.get(path)?.named ?? path, () => makeDirectory(path))
  }
  yield* Effect.forEach(files, ({ base, file, named, path }) =>
    base === null
      ? confirm(path, file.content)
      : place(named, () => copy(file.content.parts.map(source), join(base, path), file.mode)), {
    concurrency: parallel,
    discard: true
  })
})

const before = (file: InputFile, status: BigIntStats, now: bigint): Before => ({
  sha256: file.content.sha256,
  mode: Number(status.mode) & 0o777,
  size: status.size,
  inode: status.ino,
  modified: status.mtimeNs,
  changed: status.ctimeNs,
  young: status.ctimeNs > now - tickNanos
})

const snapshot = Effect.fnUntraced(function*(directory: string, spec: JobSpec) {
  // What stands outside is no part of the workspace: it is not looked at, before or after.
  const placed = yield* placeAll({ workspace: directory, outside: "here" }, spec)
  const inside = placed.files.filter(({ base }) => base === directory)
  const now = yield* Clock.currentTimeNanos
  const seen = yield* Effect.forEach(inside, ({ file, path }) =>
    Effect.map(
      onDisk(path, () => lstat(join(directory, path), { bigint: true })),
      (status) => [path, before(file, status, now)] as const
    ), { concurrency: parallel })
  const youngBytes = seen.reduce((sum, [, file]) => file.young ? sum + file.size : sum, 0n)
  const wait = youngBytes > mostYoungBytes
  if (wait) yield* Effect.sleep("10 millis")
  const files = new Map(seen.map(([path, file]) => [path, wait ? { ...file, young: false } : file]))
  const directories = new Set([...placed.directories.values()].map(({ path }) => path))
  return { files, directories } satisfies Snapshot
})
