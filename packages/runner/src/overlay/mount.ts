/** Overlay mounts of Linux: one directory shown over others, which stay as they are. Needs root. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { chown, lstat, mkdir, mkdtemp, rm } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { promisify } from "node:util"
import { type FileTrouble, onDisk } from "../attempt/FileTrouble.ts"

const execute = promisify(execFile)

export interface Overlay {
  /** Names of directories beneath `base`, the first on top. */
  readonly lowers: ReadonlyArray<string>
  readonly base: string
  /** Where it is seen: an empty directory. What changes there is kept beside it. */
  readonly target: string
}

/** Relative: in the mount's options a `:` or `,` of a path would mean something. */
const options = ({ base, lowers, target }: Overlay): string => {
  const beside = (name: string): string => relative(base, join(dirname(target), name))
  return [
    `lowerdir=${lowers.join(":")}`,
    `upperdir=${beside("upper")}`,
    `workdir=${beside("upper-work")}`,
    // A directory can be renamed as in any other; contents are never only referred to.
    "redirect_dir=on",
    "metacopy=off",
    "index=off"
  ].join(",")
}

/** The new directory on top looks as the covered one did. */
const makeUpper = async (target: string): Promise<void> => {
  const { gid, mode, uid } = await lstat(target)
  for (const name of ["upper", "upper-work"]) {
    const path = join(dirname(target), name)
    await rm(path, { recursive: true, force: true })
    await mkdir(path, { mode: mode & 0o7777 })
    await chown(path, uid, gid)
  }
}

/** Lazily: a container may have it too, and keeps it until it is gone. */
export const unmount = (target: string): Promise<void> => execute("umount", ["--lazy", "--", target]).then(() => undefined)

/** It goes with the scope; what was written stays in `upper` beside the target until its directory is removed. */
export const mount = (overlay: Overlay): Effect.Effect<void, FileTrouble, Scope.Scope> => {
  const { base, target } = overlay
  const act = async () => {
    await makeUpper(target)
    await execute("mount", ["-t", "overlay", "overlay", "-o", options(overlay), "--", target], { cwd: base })
  }
  return Effect.acquireRelease(
    onDisk(target, act),
    () => Effect.ignore(Effect.tryPromise(() => unmount(target)))
  )
}

const mounts = (): string => {
  try {
    return readFileSync("/proc/self/mounts", "utf8")
  } catch {
    return ""
  }
}

/** What is mounted beneath a directory, the deepest first. */
export const mountsBeneath = (directory: string): ReadonlyArray<string> =>
  mounts().split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8))))
    .filter((target) => target.startsWith(`${directory}/`))
    .toSorted((a, b) => b.length - a.length)

/** Whether this machine can: tried once, in an own directory beneath `base`. */
export const works = (base: string): Effect.Effect<boolean> =>
  Effect.gen(function*() {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return false
    const directory = yield* Effect.acquireRelease(
      Effect.tryPromise(() => mkdtemp(join(base, "probe-"))),
      (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
    )
    const target = join(directory, "seen")
    yield* Effect.tryPromise(async () => {
      await mkdir(join(directory, "lower", "inside"), { recursive: true })
      await mkdir(target)
    })
    yield* mount({ base: directory, lowers: ["lower"], target })
    yield* Effect.tryPromise(() => lstat(join(target, "inside")))
    return true
  }).pipe(Effect.scoped, Effect.orElseSucceed(() => false))
