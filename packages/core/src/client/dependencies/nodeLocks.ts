/** Locks of Node's package managers, and which packages of the same repository each one knows. */
import type { DependencyKind } from "../../domain/JobSpec.ts"
import { isWorkspacePath } from "../../domain/JobSpec.ts"
import { isTable, tableAt } from "./Table.ts"

type LockKind = Extract<DependencyKind, "npm-lock" | "pnpm-lock" | "yarn-lock">

export interface Lock {
  readonly name: string
  readonly kind: LockKind
}

/** npm itself prefers a shrinkwrap. */
export const locks: ReadonlyArray<Lock> = [
  { name: "npm-shrinkwrap.json", kind: "npm-lock" },
  { name: "package-lock.json", kind: "npm-lock" },
  { name: "pnpm-lock.yaml", kind: "pnpm-lock" },
  { name: "yarn.lock", kind: "yarn-lock" }
]

export const otherLocks: ReadonlyArray<string> = ["bun.lock", "bun.lockb", "deno.lock"]

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const ofNpm = (text: string): ReadonlyArray<string> => {
  const lock = parsed(text)
  const keys = isTable(lock) ? Object.keys(tableAt(lock, "packages")) : []
  return keys.filter((key) => !/(?:^|\/)node_modules\//.test(key))
}

/** Keys of `importers`, two spaces deep. */
const ofPnpm = (text: string): ReadonlyArray<string> => {
  const [, importers = ""] = /^importers:\n((?:(?: .*)?\n)*)/m.exec(text.replace(/\r\n/g, "\n")) ?? []
  return [...importers.matchAll(/^ {2}(['"]?)([^\s'"].*?)\1:/gm)].map(([, , key]) => key!)
}

/** Only newer ones name them; in older ones `package.json` does. */
const ofYarn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^ {2}resolution: ".*@workspace:(.*)"$/gm)].map(([, path]) => path!)

const named: Record<LockKind, (text: string) => ReadonlyArray<string>> = {
  "npm-lock": ofNpm,
  "pnpm-lock": ofPnpm,
  "yarn-lock": ofYarn
}

/** Directories of its packages below the lock's own. */
export const members = (kind: LockKind, text: string): ReadonlyArray<string> =>
  [...new Set(named[kind](text))].filter(isWorkspacePath)

/** Whether the lock is that of the package at `path` below it. */
export const covers = (kind: LockKind, text: string, path: string): boolean =>
  path === "" || members(kind, text).includes(path)
