/**
 * Where the files a job names stand: beneath the working directory, or outside it at their own absolute paths. Those
 * outside need directories that a slot is asked for: the parents of files, and named directories themselves. Pure.
 */
import { posix } from "node:path"
import { isCleanAbsolutePath, isWorkspacePath, type JobSpec } from "rgrid/domain/JobSpec"
import { isWithin, mountableOutside } from "../slot/workdir.ts"

export type Standing =
  /** Relative to the workspace. */
  | { readonly _tag: "Inside"; readonly path: string }
  /** Absolute. */
  | { readonly _tag: "Outside"; readonly path: string }

/** An absolute path beneath the caller's directory is inside. Null: no path at all, or one that leads elsewhere. */
export const standingOf = (cwd: string, path: string): Standing | null => {
  const prefix = cwd === "/" ? "/" : `${cwd}/`
  const inside = path.startsWith(prefix) ? path.slice(prefix.length) : path
  if (isWorkspacePath(inside)) return { _tag: "Inside", path: inside }
  return path !== cwd && isCleanAbsolutePath(path) ? { _tag: "Outside", path } : null
}

const outsidePaths = (cwd: string, paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.filter((path) => standingOf(cwd, path)?._tag === "Outside")

/** `SlotRequest.outside`. A path whose directory can't be had in a slot is beneath none of these. */
export const outsideRoots = (
  spec: Pick<JobSpec, "cwd" | "files" | "directories">,
  workdir: string
): ReadonlyArray<string> => {
  const files = outsidePaths(spec.cwd, spec.files.map(({ path }) => path))
  const wanted = new Set([...files.map((path) => posix.dirname(path)), ...outsidePaths(spec.cwd, spec.directories)])
  const roots: Array<string> = []
  // Sorted, a directory comes before all that is beneath it.
  for (const path of [...wanted].filter((path) => mountableOutside(path, workdir)).sort()) {
    if (!roots.some((root) => isWithin(path, root))) roots.push(path)
  }
  return roots
}

/**
 * The first file that is outside and can't be had in a slot; null when all can. A directory is no reason to refuse: the
 * image may have it, and a script that misses it says so itself.
 */
export const unplaceable = (
  spec: Pick<JobSpec, "cwd" | "files" | "directories">,
  workdir: string
): string | null => {
  const roots = outsideRoots(spec, workdir)
  const paths = outsidePaths(spec.cwd, spec.files.map(({ path }) => path))
  return paths.find((path) => !roots.some((root) => isWithin(path, root))) ?? null
}
