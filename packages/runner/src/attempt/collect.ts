/**
 * What a script made of its slot's directories: the workspace, and those outside it. Nothing it left is trusted: no link
 * is followed, no device or pipe opened, no setuid bit kept, no name taken that can't be told.
 */
import * as Effect from "effect/Effect"
import type { BigIntStats, Dirent } from "node:fs"
import { lstat, readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Output, OutputManifest, SkippedOutput } from "rgrid/domain/Execution"
import { isCleanAbsolutePath, isWorkspacePath } from "rgrid/domain/JobSpec"
import { home } from "../slot/workdir.ts"
import { digestFile, millisOf } from "./digest.ts"
import { codeOf, type FileTrouble, onDisk } from "./FileTrouble.ts"
import { type Before, told, type Tree } from "./snapshot.ts"

/** Files hashed at a time: more only compete for the same disk. */
const parallel = 4

type Skipped = SkippedOutput["reason"]

interface Entry {
  /** Relative to its tree. */
  readonly path: string
  readonly status: BigIntStats
}

interface Found {
  readonly files: Array<Entry>
  readonly directories: Array<Entry>
  readonly skipped: Array<SkippedOutput>
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The name as text, or null when its bytes are none: a manifest could not name it again. */
const nameOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

const below = (directory: string, name: string): string => directory === "" ? name : `${directory}/${name}`

const sort = (found: Found, path: string, status: BigIntStats): boolean => {
  if (status.isDirectory()) found.directories.push({ path, status })
  else if (status.isFile()) found.files.push({ path, status })
  else found.skipped.push({ path, reason: status.isSymbolicLink() ? "link" : "device" })
  return status.isDirectory()
}

const unreadable = (found: Found, path: string) => (cause: unknown): null => {
  // Gone between the listing and the look: nobody's output.
  if (codeOf(cause) !== "ENOENT") found.skipped.push({ path, reason: "unreadable" })
  return null
}

const isTellable = (path: string): boolean => isWorkspacePath(path) || isCleanAbsolutePath(path)

/** Caches and settings of programs, which only on the grid have their home in a directory the caller named. */
const isHomes = ({ there }: Tree, directory: string, name: Buffer): boolean =>
  there === home && directory === "" && name.toString("latin1").startsWith(".")

const visit = async (tree: Tree, directory: string, entry: Dirent<Buffer>, found: Found): Promise<string | null> => {
  if (isHomes(tree, directory, entry.name)) return null
  const name = nameOf(entry.name)
  const path = below(directory, name ?? entry.name.toString("utf8"))
  if (name === null || !isTellable(told(tree, path))) {
    found.skipped.push({ path, reason: "name" })
    return null
  }
  if (tree.mounts.has(path)) return null
  const status = await lstat(join(tree.base, path), { bigint: true }).catch(unreadable(found, path))
  return status !== null && sort(found, path, status) ? path : null
}

const list = (root: string, directory: string, found: Found): Promise<ReadonlyArray<Dirent<Buffer>>> =>
  readdir(join(root, directory), { withFileTypes: true, encoding: "buffer" })
    .catch((cause: unknown) => {
      if (directory === "") throw cause
      unreadable(found, directory)(cause)
      return []
    })

/** With a list of what is still to be seen: the depth of a tree is the script's choice, that of our stack is not. */
const walk = async (tree: Tree): Promise<Found> => {
  const found: Found = { files: [], directories: [], skipped: [] }
  const toSee = [""]
  for (let directory = toSee.pop(); directory !== undefined; directory = toSee.pop()) {
    for (const entry of await list(tree.base, directory, found)) {
      const inner = await visit(tree, directory, entry, found)
      if (inner !== null) toSee.push(inner)
    }
  }
  return found
}

const modeOf = (status: BigIntStats): number => Number(status.mode) & 0o777

/** Sure without reading it: a write would have moved one of these, and nobody can set a file's change time. */
const isUntouched = (before: Before, status: BigIntStats): boolean =>
  !before.young && before.mode === modeOf(status) && before.size === status.size && before.inode === status.ino &&
  before.modified === status.mtimeNs && before.changed === status.ctimeNs

type Verdict = Output | { readonly path: string; readonly reason: Skipped } | null

const judge = async (tree: Tree, { path, status }: Entry): Promise<Verdict> => {
  const before = tree.files.get(path)
  if (before !== undefined && isUntouched(before, status)) return null
  const digested = await digestFile(join(tree.base, path)).catch(() => null)
  if (digested === null) return { path, reason: "unreadable" }
  const { content, mode, modifiedAt } = digested
  // Written anew with what it held before, it is a result all the same: whoever fetches results looks for it.
  const same = before?.sha256 === content.sha256 && before.mode === mode && before.modified === status.mtimeNs
  if (same) return null
  return { path, type: "file", mode, modifiedAt, content }
}

const directoryOutput = ({ path, status }: Entry): Output => ({
  path,
  type: "directory",
  mode: modeOf(status),
  modifiedAt: millisOf(status)
})

const removedInputs = (found: Found, before: Tree): ReadonlyArray<string> => {
  const there = new Set([...found.files, ...found.directories, ...found.skipped].map(({ path }) => path))
  return [...before.files.keys()].filter((path) => !there.has(path))
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0

const collectTree = Effect.fnUntraced(function*(tree: Tree) {
  const found = yield* onDisk(tree.base, () => walk(tree))
  const verdicts = yield* Effect.forEach(found.files, (entry) => onDisk(entry.path, () => judge(tree, entry)), {
    concurrency: parallel
  })
  const judged = verdicts.filter((verdict) => verdict !== null)
  const newDirectories = found.directories.filter(({ path }) => !tree.directories.has(path))
  const outputs = [...newDirectories.map(directoryOutput), ...judged.filter((verdict) => "type" in verdict)]
  const skipped = [...found.skipped, ...judged.filter((verdict) => "reason" in verdict)]
  return {
    outputs: outputs.map((output) => ({ ...output, path: told(tree, output.path) })),
    deleted: removedInputs(found, tree).map((path) => told(tree, path)),
    skipped: skipped.map(({ path, reason }) => ({ path: told(tree, path), reason }))
  }
})

/** Call it when no process of the slot lives any more. */
export const collect: (trees: ReadonlyArray<Tree>) => Effect.Effect<OutputManifest, FileTrouble> = Effect.fnUntraced(
  function*(trees: ReadonlyArray<Tree>) {
    const collected = yield* Effect.forEach(trees, collectTree)
    return {
      outputs: collected.flatMap(({ outputs }) => outputs).sort(byPath),
      deleted: collected.flatMap(({ deleted }) => deleted),
      skipped: collected.flatMap(({ skipped }) => skipped).sort(byPath)
    }
  }
)
