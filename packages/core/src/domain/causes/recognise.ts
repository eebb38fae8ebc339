/**
 * Why a script ended itself, from the end of what it wrote to stderr. Only words that are sure: what is not recognised is
 * null. Everything it looks at is bounded, so that no output can make it slow.
 */
import type { Cause } from "./Cause.ts"
import { command } from "./command.ts"
import { disk } from "./disk.ts"
import { exception } from "./exception.ts"
import { memory } from "./memory.ts"
import { missingFile } from "./missingFile.ts"
import { modules } from "./modules.ts"
import { network } from "./network.ts"
import { permission } from "./permission.ts"
import { syntax } from "./syntax.ts"
import { type Circumstances, wordsOf } from "./words.ts"

/** How much of the end is looked at, in bytes of the stream and in characters here. */
export const tailBytes = 64 * 1024

/** The first that is sure, the particular before the general. */
const families = [modules, command, syntax, missingFile, permission, disk, memory, network, exception]

export const recognise = (tail: string, about: Circumstances): Cause | null => {
  const text = tail.slice(-tailBytes)
  const words = wordsOf(text, about)
  for (const family of families) {
    const cause = family(words, text)
    if (cause !== null) return cause
  }
  return null
}
