/** Files by pattern: `**`, `*`, `?`, `[…]`, `{a,b}`, as shells have them. */
import { relative, resolve, sep } from "node:path"
import { type Seen, walk } from "./walk.ts"

export interface Matched {
  readonly base: string
  readonly files: ReadonlyArray<Seen>
  /** Those that match, of a pattern that ends in `/`; it matches no file. */
  readonly directories: ReadonlyArray<string>
  /** Whether the search was given up. */
  readonly cut: boolean
}

const load = () => import("picomatch").then((module) => module.default)

/** How many directories deep a pattern can match. */
const depthOf = (glob: string): number => /\*\*|[{(]/.test(glob) ? Infinity : glob.split("/").length

/** A pattern's own directory as it is written, and what matches below it. */
export const parted = async (pattern: string): Promise<{ readonly base: string; readonly glob: string }> => {
  const picomatch = await load()
  // Parentheses are part of a name unless one of these stands before them.
  const { base, glob } = picomatch.scan(pattern, { noparen: true })
  return { base, glob: /[@!+*?]\(/.test(glob) ? glob : glob.replace(/[()]/g, "\\$&") }
}

/** The directory a pattern starts from. */
export const baseOf = async (cwd: string, pattern: string): Promise<string> => resolve(cwd, (await parted(pattern)).base)

/** What matches below the pattern's own directory; installed packages only where the pattern says so. */
export const matching = async (
  cwd: string,
  pattern: string,
  limits: { readonly limit?: number; readonly skips?: (directory: string) => boolean } = {}
): Promise<Matched> => {
  const picomatch = await load()
  const { base, glob } = await parted(pattern)
  const from = resolve(cwd, base)
  if (glob === "") return { base: from, files: [], directories: [], cut: false }
  const ofDirectories = glob.endsWith("/")
  const match = picomatch(ofDirectories ? glob.replace(/\/+$/, "") : glob)
  const matches = (here: string) => match(relative(from, here).split(sep).join("/"))
  const depth = depthOf(glob)
  const hidden = /(^|[/{,])\.[^/]/.test(glob)
  const seen = await walk(from, {
    ...(limits.limit === undefined ? {} : { limit: limits.limit }),
    skips: (directory, name) =>
      (name.startsWith(".") && !hidden) || (name === "node_modules" && !glob.includes(name)) ||
      relative(from, directory).split(sep).length >= depth || limits.skips?.(directory) === true
  }).catch(() => ({ files: [], directories: [], cut: false }))
  return {
    base: from,
    files: ofDirectories ? [] : seen.files.filter(({ here }) => matches(here)),
    directories: ofDirectories ? seen.directories.filter((here) => here !== from && matches(here)) : [],
    cut: seen.cut
  }
}
