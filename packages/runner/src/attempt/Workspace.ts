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
import { join } from "node:path"
import { type InputFile, isWorkspacePath, type JobSpec, type Sha256 } from "rgrid/domain/JobSpec"
import { Cache } from "../Cache.ts"
import { codeOf, type FileTrouble, onDisk } from "./FileTrouble.ts"

/** The spec names a place where nothing may be put: outside the workspace, through a link, or over another input. */
export class InputMisplaced extends Schema.TaggedError<InputMisplaced>()("InputMisplaced", {
  path: Schema.String,
  detail: Schema.String
}) {}

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

/** What stood in the workspace before the script started. */
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
  /** Fills an empty workspace. All parts are in the cache. */
  readonly fill: (directory: string, spec: JobSpec) => Effect.Effect<void, InputMisplaced | FileTrouble>
  /** Looks at what was filled in, after its owner was set and before the script starts. */
  readonly snapshot: (directory: string, spec: JobSpec) => Effect.Effect<Snapshot, InputMisplaced | FileTrouble>
}>()("@rgrid/runner/Workspace") {
  static readonly layer: Layer.Layer<Workspace, never, Cache> = Layer.effect(
    Workspace,
    Effect.map(Cache, (cache) =>
      Workspace.of({
        fill: (directory, spec) => fill(cache.path, directory, spec),
        snapshot
      }))
  )
}

/** Where a staged path lies in the workspace; an absolute one counts when it is beneath the caller's directory. */
const placeOf = (spec: JobSpec, path: string): Effect.Effect<string, InputMisplaced> => {
  const prefix = spec.cwd === "/" ? "/" : `${spec.cwd}/`
  const inside = path.startsWith(prefix) ? path.slice(prefix.length) : path
  return isWorkspacePath(inside)
    ? Effect.succeed(inside)
    : Effect.fail(new InputMisplaced({ path, detail: "It lies outside the working directory." }))
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

interface Placed {
  readonly path: string
  readonly file: InputFile
}

const placeAll = (spec: JobSpec) =>
  Effect.gen(function*() {
    const files = yield* Effect.forEach(spec.files, (file) =>
      Effect.map(placeOf(spec, file.path), (path): Placed => ({ path, file })))
    const named = yield* Effect.forEach(
      spec.directories.filter((path) => path !== spec.cwd),
      (path) => placeOf(spec, path)
    )
    const directories = new Set([
      ...named.flatMap((path) => [...parentsOf(path), path]),
      ...files.flatMap(({ path }) => parentsOf(path))
    ])
    return { files, directories }
  })

const fill = Effect.fnUntraced(function*(source: (part: Sha256) => string, directory: string, spec: JobSpec) {
  const { directories, files } = yield* placeAll(spec)
  // Sorted, a parent comes before what is in it.
  for (const path of [...directories].sort()) {
    yield* place(path, () => makeDirectory(join(directory, path)))
  }
  yield* Effect.forEach(files, ({ file, path }) =>
    place(path, () => copy(file.content.parts.map(source), join(directory, path), file.mode)), {
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
  const placed = yield* placeAll(spec)
  const now = yield* Clock.currentTimeNanos
  const seen = yield* Effect.forEach(placed.files, ({ file, path }) =>
    Effect.map(
      onDisk(path, () => lstat(join(directory, path), { bigint: true })),
      (status) => [path, before(file, status, now)] as const
    ), { concurrency: parallel })
  const youngBytes = seen.reduce((sum, [, file]) => file.young ? sum + file.size : sum, 0n)
  const wait = youngBytes > mostYoungBytes
  if (wait) yield* Effect.sleep("10 millis")
  const files = new Map(seen.map(([path, file]) => [path, wait ? { ...file, young: false } : file]))
  return { files, directories: placed.directories } satisfies Snapshot
})
