/** Why a pattern matches nothing: a directory that is not here, or files with another ending. */
import * as Effect from "effect/Effect"
import { readdir } from "node:fs/promises"
import { extname, join, resolve } from "node:path"
import { distance, nearest } from "../../domain/nearest.ts"
import { BatchPatternUnmatched } from "../errors.ts"
import { parted } from "../travel/pattern.ts"

interface Missing {
  /** As typed, up to it. */
  readonly directory: string
  /** With the directory that was probably meant. */
  readonly nearest: string | null
}

const listed = (directory: string) => readdir(directory, { withFileTypes: true }).catch(() => null)

const missingIn = async (cwd: string, base: string): Promise<Missing | null> => {
  const names = base.split("/")
  let above = resolve(cwd, base.startsWith("/") ? "/" : "")
  for (const [index, name] of names.entries()) {
    const beside = await listed(above)
    above = join(above, name)
    if (await listed(above) !== null) continue
    const directories = beside?.filter((entry) => entry.isDirectory()).map((entry) => entry.name) ?? []
    const meant = nearest(name, directories)
    const start = names.slice(0, index)
    return {
      directory: [...start, name].join("/"),
      nearest: meant === null ? null : [...start, meant, ...names.slice(index + 1)].join("/")
    }
  }
  return null
}

/** Two letters may be swapped: `.cvs`. */
const nearEnding = async (directory: string, glob: string): Promise<string | null> => {
  const wanted = extname(glob)
  if (wanted === "" || /[*?[\]]/.test(wanted)) return null
  const endings = (await listed(directory) ?? []).map(({ name }) => extname(name)).filter((ending) => ending.length > 2)
  const apart = (ending: string) => distance(wanted.toLowerCase(), ending.toLowerCase())
  const [best] = [...new Set(endings)].filter((ending) => apart(ending) <= 2).sort((a, b) => apart(a) - apart(b))
  return best === undefined ? null : glob.slice(0, -wanted.length) + best
}

const explain = async (cwd: string, pattern: string, word: string) => {
  const { base, glob } = await parted(word)
  const missing = await missingIn(cwd, base)
  const meant = missing === null ? await nearEnding(resolve(cwd, base), glob) : missing.nearest
  const wrong = missing === null ? glob : base
  // Behind braces the typed text is another.
  const isTyped = meant !== null && pattern.includes(wrong)
  return new BatchPatternUnmatched({
    pattern,
    missing: missing?.directory ?? null,
    nearest: isTyped ? pattern.replace(wrong, () => meant) : null
  })
}

export const unmatched = Effect.fnUntraced(function*(cwd: string, pattern: string, words: ReadonlyArray<string>) {
  return yield* yield* Effect.promise(() => explain(cwd, pattern, words[0] ?? pattern))
})
