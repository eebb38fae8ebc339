/** The folder of each item's outputs: by its own name where that is enough, else with what tells it from the others. */
import { longestName, safeName, shortened } from "./safeName.ts"

/** What an item is called by. */
export type Called =
  /** Names from the working directory, or from `/`, to the file. */
  | { readonly _tag: "File"; readonly names: ReadonlyArray<string> }
  | { readonly _tag: "Value"; readonly text: string }

/** Names that differ in case only are one on macOS and Windows. */
const keyOf = (name: string): string => name.normalize("NFC").toLowerCase()

const withoutEnding = (name: string): string => name.replace(/(?<=.)\.[^.]*$/, "")

/** With `parents` of the names above it. */
const candidate = (item: Called, parents: number, ending: boolean): string => {
  if (item._tag === "Value") return safeName(item.text)
  const names = item.names.slice(-1 - parents)
  const last = names.at(-1) ?? ""
  return safeName([...names.slice(0, -1), ending ? last : withoutEnding(last)].join("-"))
}

const areApart = (names: ReadonlyArray<string>): boolean => new Set(names.map(keyOf)).size === names.length

const depthOf = (item: Called): number => item._tag === "Value" ? 0 : item.names.length - 1

/** The shortest names that tell all of them apart, or the longest there are. */
const apart = (items: ReadonlyArray<Called>): ReadonlyArray<string> => {
  const depth = items.reduce((most, item) => Math.max(most, depthOf(item)), 0)
  for (const ending of [false, true]) {
    for (let parents = 0; parents <= depth; parents++) {
      const names = items.map((item) => candidate(item, parents, ending))
      if (areApart(names)) return names
    }
  }
  return items.map((item) => candidate(item, 0, true))
}

const numbered = (name: string, number: number): string => {
  const suffix = `-${number}`
  return `${shortened(name, longestName - suffix.length)}${suffix}`
}

const grouped = (items: ReadonlyArray<Called>): Iterable<ReadonlyArray<number>> => {
  const groups = new Map<string, Array<number>>()
  items.forEach((item, index) => {
    const key = keyOf(candidate(item, 0, false))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [index])
    else group.push(index)
  })
  return groups.values()
}

/** One name for each item, in their order; no two are the same, whatever their case. */
export const outputNames = (items: ReadonlyArray<Called>): ReadonlyArray<string> => {
  const wanted: Array<string> = Array.from({ length: items.length })
  for (const group of grouped(items)) {
    const names = apart(group.map((index) => items[index]!))
    group.forEach((index, place) => wanted[index] = names[place]!)
  }
  const next = new Map<string, number>()
  const taken = new Set<string>()
  const free = (name: string): string => {
    const key = keyOf(name)
    if (!taken.has(key)) return name
    let number = next.get(key) ?? 2
    while (taken.has(keyOf(numbered(name, number)))) number++
    next.set(key, number + 1)
    return numbered(name, number)
  }
  return wanted.map((name) => {
    const own = free(name)
    taken.add(keyOf(own))
    return own
  })
}
