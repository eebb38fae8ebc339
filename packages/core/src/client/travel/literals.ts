/** What a literal in a source stands for: a file, a directory, a pattern; mostly nothing. */
import { basename, dirname, isAbsolute, resolve } from "node:path"
import type { Disk } from "./Language.ts"
import type { Guesses } from "./guesses.ts"
import { matching } from "./pattern.ts"
import { isWithin } from "./place.ts"
import { isTooWide } from "./rules.ts"
import type { Reason } from "./Travelling.ts"
import { walk } from "./walk.ts"

export const smallDirectory = { files: 1_000, bytes: 10 * 1024 * 1024, entries: 5_000 } as const

/** What the system brings along there too: not worth a word. */
const system = /^\/(usr|bin|sbin|lib\w*|etc|proc|sys|dev|run|var|snap|opt|tmp)(\/|$)/

const installed = new Set(["node_modules", "__pycache__"])

/** Regular expressions and Markdown have `*` too: a pattern has an ending, or begins in a directory that is here. */
const meansFiles = (text: string, isDirectory: (path: string) => boolean): boolean => {
  if (!/[*?[]/.test(text) || /[\\()|^$+<>{}\s]/.test(text)) return false
  const head = text.split("/").findIndex((part) => /[*?[]/.test(part))
  return head === 0 ? /^(\*\*\/)?[\w*?[\]-]*\*[\w*?[\]-]*\.\w+$/.test(text) : isDirectory(text.split("/").slice(0, head).join("/"))
}

export class Literals {
  private readonly guesses: Guesses
  private readonly disk: Disk
  private readonly cwd: string

  constructor(guesses: Guesses, disk: Disk, cwd: string) {
    this.guesses = guesses
    this.disk = disk
    this.cwd = cwd
  }

  /** `beside`: directories that a relative path may be meant from, next to the working directory. */
  async take(text: string, beside: ReadonlyArray<string>, reason: Reason): Promise<void> {
    if (text === "" || text.length > 1024 || /[\0\n]|^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return
    const bases = isAbsolute(text) ? [this.cwd] : [...new Set([this.cwd, ...beside])]
    for (const base of bases) {
      const path = resolve(base, text)
      if (this.isForeign(path, text, beside)) continue
      const kind = this.disk.kind(path)
      if (kind === "file") await this.guesses.file(path, reason)
      else if (kind === "directory") await this.directory(path, reason)
      else if (meansFiles(text, (head) => this.disk.kind(resolve(base, head)) === "directory")) {
        await this.pattern(base, text, reason)
      } else if (text.includes("/")) this.parent(path)
    }
  }

  /** Absolute paths are often the system's; in a home or at the root they count only beside the script. */
  private isForeign(path: string, text: string, beside: ReadonlyArray<string>): boolean {
    if (!isAbsolute(text)) return false
    if (this.guesses.rules.regionOf(path) === undefined) return system.test(path)
    return isTooWide(this.guesses.rules, path) && ![this.cwd, ...beside].includes(dirname(path))
  }

  /** What is written to `out/x.json` needs `out/` there. */
  private parent(path: string): void {
    const parent = dirname(path)
    if (isWithin(this.cwd, parent) && this.disk.kind(parent) === "directory") this.guesses.gathering.addDirectory(parent)
  }

  private async directory(path: string, reason: Reason): Promise<void> {
    if (isWithin(path, this.cwd) || basename(path) === ".git") return
    const staying = await this.guesses.rules.directory(path)
    if (isWithin(this.cwd, path) && staying !== "outside") this.guesses.gathering.addDirectory(path)
    if (staying !== null) return this.guesses.gathering.leave(path, staying, reason)
    if (isTooWide(this.guesses.rules, path)) return
    this.guesses.gathering.addDirectory(path)
    const below = await walk(path, { limit: smallDirectory.entries, skips: (_, name) => this.isSkipped(name) })
      .catch(() => null)
    if (below === null) return this.guesses.gathering.leave(path, "unreadable", reason)
    const bytes = below.files.reduce((sum, { status }) => sum + status.size, 0)
    if (below.cut || below.files.length > smallDirectory.files || bytes > smallDirectory.bytes) {
      return this.guesses.gathering.leave(path, "many", reason)
    }
    for (const directory of below.directories) {
      if (await this.guesses.rules.directory(directory) === null) this.guesses.gathering.addDirectory(directory)
    }
    for (const { here } of below.files) await this.guesses.file(here, reason)
  }

  private async pattern(base: string, text: string, reason: Reason): Promise<void> {
    if (isTooWide(this.guesses.rules, base)) return
    const matched = await matching(base, text, {
      limit: smallDirectory.entries,
      skips: (directory) => this.isSkipped(basename(directory))
    })
    // The directory it looks in is there even when it finds nothing.
    if (isWithin(this.cwd, matched.base) && this.disk.kind(matched.base) === "directory") {
      this.guesses.gathering.addDirectory(matched.base)
    }
    const bytes = matched.files.reduce((sum, { status }) => sum + status.size, 0)
    if (matched.cut || matched.files.length > smallDirectory.files || bytes > smallDirectory.bytes) {
      return this.guesses.gathering.leave(resolve(base, text), "many", reason)
    }
    for (const { here } of matched.files) await this.guesses.file(here, reason)
  }

  private isSkipped(name: string): boolean {
    return installed.has(name) || name.startsWith(".")
  }
}
