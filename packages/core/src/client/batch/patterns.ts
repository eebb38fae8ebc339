/** The items that patterns and values stand for. */
import * as Effect from "effect/Effect"
import { relative, resolve, sep } from "node:path"
import { mostItems } from "../../domain/Batch.ts"
import { BatchTooLarge, InputRefused } from "../errors.ts"
import type { Lookup } from "../travel/lookup.ts"
import { baseOf, matching, parted } from "../travel/pattern.ts"
import { refusal } from "../travel/place.ts"
import type { Given } from "./Given.ts"
import { unmatched } from "./unmatched.ts"

/** Characters, not items: so many that memory could not hold what they make are refused by their number. */
const maxLength = 256 * 1024 * 1024

const glob = /[*?]|\[.+\]|[@!+]\(/

const isGlob = (word: string): boolean => glob.test(word)

/** `{a,b}` and `{1..100}`, as bash expands them. */
const expanded = (pattern: string) =>
  Effect.promise(async () => {
    if (!pattern.includes("{")) return [pattern]
    const { expand } = await import("brace-expansion")
    return expand(pattern, { max: mostItems + 1, maxLength })
  })

/** Byte by byte, so that the order is the same whatever the locale. */
const sorted = (paths: Iterable<string>): ReadonlyArray<string> =>
  [...paths].map((path) => [path, Buffer.from(path)] as const).sort(([, a], [, b]) => Buffer.compare(a, b)).map(([path]) =>
    path
  )

/** Paths as the shell would give them: with the beginning that was typed. */
const matched = async (cwd: string, word: string, { know }: Lookup): Promise<ReadonlyArray<string>> => {
  const { base } = await parted(word)
  const typed = word.slice(0, word.indexOf(base) + base.length)
  const start = base === "" ? (word.startsWith("./") ? "./" : "") : typed.endsWith("/") ? typed : `${typed}/`
  const { base: from, directories, files } = await matching(cwd, word)
  for (const { here, status } of files) know(here, status)
  const below = (here: string) => start + relative(from, here).split(sep).join("/")
  return [...files.map(({ here }) => below(here)), ...directories.map((here) => `${below(here)}/`)]
}

/** A search through all of a home or of the file system is never meant. */
const checkBase = Effect.fnUntraced(function*(cwd: string, word: string) {
  const base = yield* Effect.promise(() => baseOf(cwd, word))
  const reason = base === cwd ? null : refusal(base)
  if (reason === "keys" || (reason !== null && word.includes("**"))) {
    return yield* new InputRefused({ path: word, reason })
  }
})

/** Of a pattern with globs: whatever of it is here. */
const files = Effect.fnUntraced(function*(cwd: string, words: ReadonlyArray<string>, lookup: Lookup) {
  const all = new Set<string>()
  for (const word of words) {
    if (isGlob(word)) {
      yield* checkBase(cwd, word)
      for (const path of yield* Effect.promise(() => matched(cwd, word, lookup))) all.add(path)
    } else if ((yield* Effect.promise(() => lookup.status(resolve(cwd, word)))) !== null) all.add(word)
  }
  return sorted(all)
})

const itemsOf = Effect.fnUntraced(function*(cwd: string, pattern: string, lookup: Lookup) {
  const isThere = (path: string) => Effect.promise(() => lookup.status(resolve(cwd, path)))
  // A shell that expanded a pattern gives names, whatever characters are in them.
  if (pattern !== "" && (yield* isThere(pattern)) !== null) return [pattern]
  const words = yield* expanded(pattern)
  const found = words.some(isGlob) ? yield* files(cwd, words, lookup) : words
  return found.length === 0 || pattern === "" ? yield* unmatched(cwd, pattern, words) : found
})

/** Patterns in their order, the items of each in theirs. */
export const ofPatterns = Effect.fn("client.patterns")(
  function*(cwd: string, patterns: ReadonlyArray<string>, lookup: Lookup) {
    const items: Array<Given> = []
    for (const pattern of patterns) {
      const plain = pattern !== "" && !pattern.includes("{") && !isGlob(pattern)
      for (const value of plain ? [pattern] : yield* itemsOf(cwd, pattern, lookup)) items.push({ value })
      if (items.length > mostItems) return yield* new BatchTooLarge({ most: mostItems })
    }
    return items
  }
)
