/**
 * Puts an attempt's inputs into its slot: copies from the cache, reflinks where the disk can, large ones that scripts
 * share below an overlay, so that no script ever holds a cached inode. This runs as the runner's user: nothing is
 * written through a link or over anything.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { constants } from "node:fs"
import { chmod, copyFile, type FileHandle, lstat, mkdir, open, utimes } from "node:fs/promises"
import { join } from "node:path"
import { writeAt } from "rgrid/domain/Arrival"
import { type FileContent, fileTime, type InputFile, type JobSpec, partBytes, type Sha256 } from "rgrid/domain/JobSpec"
import { Cache } from "../Cache.ts"
import { Lowers } from "../overlay/Lowers.ts"
import { mount } from "../overlay/mount.ts"
import { codeOf, type FileTrouble, onDisk } from "./FileTrouble.ts"
import { isDirectoryHere, isFileHere } from "./inPlace.ts"
import { type Ground, InputMisplaced, type Placed, placeAll } from "./places.ts"

const parallel = 16

const chunkBytes = 1024 * 1024

export class Workspace extends Context.Service<Workspace, {
  /** Fills an empty workspace and what is outside it, for as long as the scope is open. All parts are in the cache. */
  readonly fill: (ground: Ground, spec: JobSpec) => Effect.Effect<void, InputMisplaced | FileTrouble, Scope.Scope>
}>()("@rgrid/runner/Workspace") {
  static readonly layer: Layer.Layer<Workspace, never, Cache | Lowers> = Layer.effect(
    Workspace,
    Effect.gen(function*() {
      const lowers = yield* Lowers
      const { path } = yield* Cache
      return Workspace.of({ fill: (ground, spec) => fill(path, lowers, ground, spec) })
    })
  )
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

/** Two at a time: one part is read while of another is written. */
const lanes = 2

const copyPart = async (source: string, out: FileHandle, position: number): Promise<void> => {
  const chunk = Buffer.allocUnsafe(chunkBytes)
  const part = await open(source, "r")
  try {
    for (let at = 0, { bytesRead } = await part.read(chunk); bytesRead > 0; { bytesRead } = await part.read(chunk)) {
      await writeAt(out, chunk.subarray(0, bytesRead), position + at)
      at += bytesRead
    }
  } finally {
    await part.close()
  }
}

const concatenate = async (sources: ReadonlyArray<string>, target: string): Promise<void> => {
  const out = await open(target, newFile, 0o600)
  const waiting = sources.entries()
  const lane = async () => {
    for (const [index, source] of waiting) await copyPart(source, out, index * partBytes)
  }
  try {
    await Promise.all(Array.from({ length: lanes }, lane))
  } finally {
    await out.close()
  }
}

const copy = async (sources: ReadonlyArray<string>, target: string, file: InputFile): Promise<void> => {
  const [only] = sources
  if (only !== undefined && sources.length === 1) {
    await copyFile(only, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  } else {
    await concatenate(sources, target)
  }
  await chmod(target, file.mode & 0o777)
  // As old as it is where it comes from: what compares times, like make, behaves as there.
  if (file.modifiedAt === undefined) return
  const time = fileTime(file.modifiedAt)
  await utimes(target, time, time)
}

const changed = (path: string) =>
  Effect.fail(new InputMisplaced({ path, detail: "This machine has another there, or none." }))

/** What nothing can be mounted for is used where it is, if it is the very same. */
const confirm = (path: string, content: FileContent | null): Effect.Effect<void, InputMisplaced> =>
  Effect.flatMap(
    Effect.promise(() => content === null ? isDirectoryHere(path) : isFileHere(path, content)),
    (same) => same ? Effect.void : changed(path)
  )

/** The paths of what an overlay shows, in place of a copy. */
const cover = Effect.fnUntraced(function*(
  source: (part: Sha256) => string,
  lowers: Lowers["Service"],
  { overlay, workspace }: Ground,
  files: ReadonlyArray<Placed>
) {
  if (overlay === undefined || lowers.base === null) return new Set<string>()
  const wanted = files.filter(({ base }) => base === workspace).map(({ file, path }) => ({ path, file, ...overlay }))
  const found = yield* lowers.of(wanted, (file, path) =>
    place(file.path, () => copy(file.content.parts.map(source), path, file)))
  if (found.size > 0) yield* mount({ base: lowers.base, lowers: [...found.values()], target: workspace })
  return new Set(Array.from(found.keys(), ({ path }) => path))
})

const fill = Effect.fnUntraced(function*(
  source: (part: Sha256) => string,
  lowers: Lowers["Service"],
  ground: Ground,
  spec: JobSpec
) {
  const { directories, files, named } = yield* placeAll(ground, spec)
  yield* Effect.forEach(named, ({ base, path }) => base === null ? confirm(path, null) : Effect.void, { discard: true })
  const covered = yield* cover(source, lowers, ground, files)
  // Sorted, a parent comes before what is in it.
  for (const path of [...directories.keys()].sort()) {
    yield* place(directories.get(path)?.named ?? path, () => makeDirectory(path))
  }
  const left = files.filter(({ base, path }) => base !== ground.workspace || !covered.has(path))
  yield* Effect.forEach(left, ({ base, file, named, path }) =>
    base === null
      ? confirm(path, file.content)
      : place(named, () => copy(file.content.parts.map(source), join(base, path), file)), {
    concurrency: parallel,
    discard: true
  })
})
