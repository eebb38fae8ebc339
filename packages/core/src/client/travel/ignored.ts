/** What `.gitignore` and `.rgridignore` say of a path: nested ones, negation, and what stands in an ignored directory. */
import type { Ignore } from "ignore"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { isWithin, upwards } from "./place.ts"

export type IsIgnored = (path: string, isDirectory: boolean) => boolean

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

/** The rules of one directory; null when it has none. */
const rulesIn = (make: () => Ignore, directory: string): Ignore | null => {
  const texts = [".gitignore", ".rgridignore"].map((name) => read(join(directory, name)))
  return texts.every((text) => text === "") ? null : make().add(texts.join("\n"))
}

const named = (directory: string, path: string, isDirectory: boolean): string =>
  relative(directory, path).split(sep).join("/") + (isDirectory ? "/" : "")

/** Rules count from the repository's root, or from `region` where there is none. */
const rootOf = (region: string): string =>
  upwards(region).find((directory) => existsSync(join(directory, ".git"))) ?? region

const memo = <A>(make: (key: string) => A): (key: string) => A => {
  const made = new Map<string, A>()
  return (key) => {
    if (!made.has(key)) made.set(key, make(key))
    return made.get(key)!
  }
}

/** Whoever works in an ignored directory means what is in it: rules that ignore one of `places` don't count in it. */
export const ignoredBelow = async (region: string, places: ReadonlyArray<string>): Promise<IsIgnored> => {
  const { default: ignore } = await import("ignore")
  const root = rootOf(region)
  const rules = memo((directory) => rulesIn(() => ignore(), directory))
  const ignores = (directory: string, place: string): boolean =>
    place !== directory && isWithin(directory, place) && rules(directory)!.ignores(named(directory, place, true))
  const decided = (path: string, isDirectory: boolean): boolean => {
    // The nearest file that says anything decides.
    for (const directory of upwards(dirname(path))) {
      if (!isWithin(root, directory)) break
      const said = rules(directory)?.test(named(directory, path, isDirectory))
      if (said === undefined || (!said.ignored && !said.unignored)) continue
      if (!places.some((place) => isWithin(place, path) && ignores(directory, place))) return said.ignored
    }
    return false
  }
  const directoryIsIgnored: (directory: string) => boolean = memo((directory) =>
    directory !== root && isWithin(root, directory) && !places.some((place) => isWithin(directory, place)) &&
    (directoryIsIgnored(dirname(directory)) || decided(directory, true))
  )
  return (path, isDirectory) =>
    isDirectory ? directoryIsIgnored(path) : directoryIsIgnored(dirname(path)) || decided(path, false)
}
