/** Files by pattern: `**`, `*`, `?`, `[…]`, `{a,b}`, as shells have them. */
import { relative, resolve, sep } from "node:path"
import { type Seen, walk } from "./walk.ts"

export interface Matched {
  readonly base: string
  readonly files: ReadonlyArray<Seen>
  /** Whether the search was given up. */
  readonly cut: boolean
}

const load = () => import("picomatch").then((module) => module.default)

/** How many directories deep a pattern can match. */
const depthOf = (glob: string): number => /\*\*|[{(]/.test(glob) ? Infinity : glob.split("/").length

/** The directory a pattern starts from. */
export const baseOf = async (cwd: string, pattern: string): Promise<string> => {
  const picomatch = await load()
  return resolve(cwd, picomatch.scan(pattern).base)
}

/** What matches below the pattern's own directory; installed packages only where the pattern says so. */
export const matching = async (
  cwd: string,
  pattern: string,
  limits: { readonly limit?: number; readonly skips?: (directory: string) => boolean } = {}
): Promise<Matched> => {
  const picomatch = await load()
  const { base, glob } = picomatch.scan(pattern)
  const from = resolve(cwd, base)
  if (glob === "") return { base: from, files: [], cut: false }
  const matches = picomatch(glob)
  const depth = depthOf(glob)
  const hidden = /(^|[/{,])\.[^/]/.test(glob)
  const seen = await walk(from, {
    ...(limits.limit === undefined ? {} : { limit: limits.limit }),
    skips: (directory, name) =>
      (name.startsWith(".") && !hidden) || (name === "node_modules" && !glob.includes(name)) ||
      relative(from, directory).split(sep).length >= depth || limits.skips?.(directory) === true
  }).catch(() => ({ files: [], cut: false }))
  const files = seen.files.filter(({ here }) => matches(relative(from, here).split(sep).join("/")))
  return { base: from, files, cut: seen.cut }
}
