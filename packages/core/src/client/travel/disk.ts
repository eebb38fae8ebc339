/** What is where, asked once: sources name the same things again and again, and most of what they name is not there. */
import { readFileSync, statSync } from "node:fs"
import type { Disk } from "./Language.ts"

const kindOf = (path: string): "file" | "directory" | null => {
  try {
    // Faster than asking in the background: the answer is there before a thread would be.
    const status = statSync(path, { throwIfNoEntry: false })
    return status?.isFile() === true ? "file" : status?.isDirectory() === true ? "directory" : null
  } catch {
    return null
  }
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const once = <A>(look: (path: string) => A): (path: string) => A => {
  const seen = new Map<string, A>()
  return (path) => {
    const known = seen.get(path)
    if (known !== undefined || seen.has(path)) return known!
    const looked = look(path)
    seen.set(path, looked)
    return looked
  }
}

export const makeDisk = (): Disk => ({ kind: once(kindOf), text: once(textOf) })
