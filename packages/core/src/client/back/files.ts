/** Steps on this machine's disk, none through a link and none over what somebody else put there. */
import * as Effect from "effect/Effect"
import { chmod, link, lstat, mkdir, realpath, rename, rm, utimes } from "node:fs/promises"
import { join } from "node:path"
import type { Output } from "../../domain/Execution.ts"
import { fileTime } from "../../domain/JobSpec.ts"
import { NotWritten } from "../errors.ts"

export const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException | null)?.code ?? ""

const reasons: Readonly<Record<string, NotWritten["reason"]>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "readOnly",
  EACCES: "denied",
  EPERM: "denied"
}

/** `path` is what a person is told of. */
export const onDisk = <A>(path: string, act: () => Promise<A>): Effect.Effect<A, NotWritten> =>
  Effect.tryPromise({
    try: act,
    catch: (cause) =>
      new NotWritten({
        path,
        reason: reasons[codeOf(cause)] ?? "other",
        detail: cause instanceof Error ? cause.message : String(cause)
      })
  })

const missing = (cause: unknown): null => {
  if (codeOf(cause) === "ENOENT") return null
  throw cause
}

export const look = (path: string) => lstat(path).catch(missing)

export interface Entered {
  readonly folder: string
  /** Directories that were not there before. */
  readonly made: ReadonlyArray<string>
}

const enterOne = async (path: string): Promise<"made" | "there" | "blocked"> => {
  try {
    await mkdir(path)
    return "made"
  } catch (cause) {
    const status = await lstat(path).catch(() => Promise.reject(cause))
    return status.isDirectory() ? "there" : "blocked"
  }
}

/** Walks down from a directory, making what is missing below it; null at anything that is no real directory. */
export const enter = async (root: string, names: ReadonlyArray<string>): Promise<Entered | null> => {
  const made: Array<string> = []
  const start = await realpath(root).catch(missing)
  if (start === null) return null
  let folder = start
  for (const name of names) {
    folder = join(folder, name)
    const status = await look(folder)
    const found = status === null ? await enterOne(folder) : status.isDirectory() ? "there" : "blocked"
    if (found === "blocked") return null
    if (found === "made") made.push(folder)
  }
  return (await realpath(folder)) === folder ? { folder, made } : null
}

/** As the script left it. */
export const dress = async (path: string, { mode, modifiedAt }: Output): Promise<void> => {
  await chmod(path, mode)
  const time = fileTime(modifiedAt)
  await utimes(path, time, time)
}

/** Takes the name if nobody has it. */
const takeName = async (temporary: string, path: string): Promise<boolean> => {
  try {
    await link(temporary, path)
    await rm(temporary)
    return true
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false
    // Not every disk has hard links.
    if ((await look(path)) !== null) return false
    await rename(temporary, path)
    return true
  }
}

/** `NAME.rgrid`, or the first of `NAME.rgrid-2`, `NAME.rgrid-3`… that is free. */
export const putBeside = async (temporary: string, path: string): Promise<string> => {
  for (let number = 1;; number++) {
    const beside = besideName(path, number)
    if (await takeName(temporary, beside)) return beside
  }
}

export const besideName = (path: string, number: number): string =>
  `${path}.rgrid${number === 1 ? "" : `-${number}`}`
