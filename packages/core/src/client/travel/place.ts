/** Where a path here stands there, and what is never sent. */
import { realpathSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path"
import type { InputRefused } from "../errors.ts"

/** Directories below a home that hold keys: never sent, whatever is named (FR14). */
const keyStores = [".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".config/gcloud", ".rgrid"]

/** Whether `path` is `directory` or stands below it. */
export const isWithin = (directory: string, path: string): boolean => {
  const inside = relative(directory, path)
  return inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

const systemTrees = ["bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "proc", "run", "sbin", "sys", "usr"]

/** Belongs to the machine a script runs on, which has its own: `/usr/bin/python3`, `/dev/null`, `/etc/hosts`. */
export const isSystem = (path: string): boolean => systemTrees.some((tree) => isWithin(resolve("/", tree), path))

/** Where a path here stands there. */
export const placeThere = (cwd: string, here: string): string =>
  (isWithin(cwd, here) ? relative(cwd, here) : here).split(sep).join("/")

/** What a path is when links are followed; itself where there is nothing. */
export const real = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

export const isKept = (path: string): boolean => keyStores.some((store) => isWithin(join(homedir(), store), path))

/** `/`, a home, or what holds homes: too wide to guess in, never sent whole. */
export const isWide = (path: string): boolean => path === resolve("/") || isWithin(path, homedir())

/** Why a named directory or file is refused, by its own path or by what a link leads to. */
export const refusal = (path: string): InputRefused["reason"] | null => {
  for (const one of new Set([path, real(path)])) {
    if (isKept(one)) return "keys"
    if (one === resolve("/")) return "root"
    if (isWithin(one, homedir())) return "home"
  }
  return null
}

/** `directory` and all above it, nearest first. */
export const upwards = (directory: string): ReadonlyArray<string> => {
  const above = dirname(directory)
  return above === directory ? [directory] : [directory, ...upwards(above)]
}
