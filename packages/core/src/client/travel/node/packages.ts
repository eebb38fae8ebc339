/** `package.json`: the nearest one decides how a file is run, and what `#name` and the package's own name stand for. */
import { dirname, join, resolve } from "node:path"
import type { Disk } from "../Language.ts"
import { upwards } from "../place.ts"

export interface Package {
  readonly path: string
  readonly content: unknown
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export const nearestPackage = (file: string, disk: Disk): Package | null => {
  const path = upwards(dirname(file)).map((directory) => join(directory, "package.json"))
    .find((path) => disk.kind(path) === "file")
  return path === undefined ? null : { path, content: parsed(disk.text(path)) }
}

const field = (content: unknown, name: string): unknown =>
  typeof content === "object" && content !== null ? Reflect.get(content, name) : undefined

export const stringField = (content: unknown, name: string): string | undefined => {
  const value = field(content, name)
  return typeof value === "string" ? value : undefined
}

/** Every target whatever the conditions: which of them hold is known only there. */
const targets = (value: unknown, depth = 0): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null || depth > 8) return []
  return Object.values(value).flatMap((one) => targets(one, depth + 1))
}

const mapped = (map: unknown, key: string): ReadonlyArray<string> => {
  if (typeof map !== "object" || map === null) return key === "." ? targets(map) : []
  const keys = Object.entries(map)
  if (key === "." && !keys.some(([name]) => name.startsWith("."))) return targets(map)
  return keys.flatMap(([name, value]) => {
    if (name === key) return targets(value)
    const [before = "", after = ""] = name.split("*")
    if (!name.includes("*") || !key.startsWith(before) || !key.endsWith(after)) return []
    const part = key.slice(before.length, key.length - after.length)
    return targets(value).map((target) => target.replaceAll("*", part))
  })
}

/** Paths that `#name` or the package's own name stand for; none for another package. */
export const ofPackage = (specifier: string, { content, path }: Package): ReadonlyArray<string> => {
  const directory = dirname(path)
  const name = stringField(content, "name")
  const inside = (found: ReadonlyArray<string>) =>
    found.filter((target) => target.startsWith("./")).map((target) => resolve(directory, target))
  if (specifier.startsWith("#")) return inside(mapped(field(content, "imports"), specifier))
  if (name === undefined || (specifier !== name && !specifier.startsWith(`${name}/`))) return []
  return inside(mapped(field(content, "exports"), `.${specifier.slice(name.length)}`))
}
