/** Scripts that an interpreter has read without complaint: it is not asked about the same text again. */
import { access } from "node:fs/promises"
import { join } from "node:path"
import { cacheDirectory } from "./directory.ts"
import { keep, placeOf } from "./entries.ts"

export const verdictsIn = (cache: string): string => join(cache, "verdicts")

const verdictOf = (cache: string, asked: ReadonlyArray<string>): string =>
  placeOf(verdictsIn(cache), JSON.stringify(asked))

/** `asked`: all that the answer depends on. */
export const passed = (asked: ReadonlyArray<string>, cache: string = cacheDirectory()): Promise<boolean> =>
  access(verdictOf(cache, asked)).then(() => true, () => false)

export const rememberPassed = (asked: ReadonlyArray<string>, cache: string = cacheDirectory()): Promise<void> =>
  keep(verdictOf(cache, asked), "").catch(() => undefined)
