/** What a tree looks like after a run. */
import { createHash } from "node:crypto"
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs"

export interface Entry {
  readonly kind: "file" | "directory" | "link" | "other"
  readonly mode: string
  /** Hash of a file, target of a link. */
  readonly content: string
  /** When a file was written: as laid out, since the run began, or at the second it says. */
  readonly written: string
}

export type Tree = ReadonlyMap<string, Entry>

/** What every input's mtime is set to. */
export const laidOut = 1_577_836_800

const kindOf = (stat: Stats): Entry["kind"] =>
  stat.isSymbolicLink() ? "link" : stat.isDirectory() ? "directory" : stat.isFile() ? "file" : "other"

const contentOf = (kind: Entry["kind"], path: Buffer): string =>
  kind === "file"
    ? createHash("sha256").update(readFileSync(path)).digest("hex")
    : kind === "link" ? readlinkSync(path, "latin1") : ""

const writtenAt = (kind: Entry["kind"], stat: Stats, began: number): string => {
  if (kind !== "file") return ""
  const seconds = Math.floor(stat.mtimeMs / 1000)
  return seconds === laidOut ? "kept" : seconds >= began - 2 ? "recent" : `at ${seconds}`
}

const entryOf = (path: Buffer, began: number): Entry => {
  const stat = lstatSync(path)
  const kind = kindOf(stat)
  const mode = kind === "link" ? "" : (stat.mode & 0o7777).toString(8)
  return { kind, mode, content: contentOf(kind, path), written: writtenAt(kind, stat, began) }
}

/** Names are bytes: a name that is no UTF-8 is a name all the same. */
export const snapshot = (root: string, began: number): Tree => {
  const tree = new Map<string, Entry>()
  const walk = (directory: Buffer, prefix: string): void => {
    for (const name of readdirSync(directory, { encoding: "buffer" })) {
      const path = Buffer.concat([directory, Buffer.from("/"), name])
      const entry = entryOf(path, began)
      const shown = prefix + name.toString("latin1")
      tree.set(shown, entry)
      if (entry.kind === "directory") walk(path, `${shown}/`)
    }
  }
  walk(Buffer.from(root), "")
  return tree
}
