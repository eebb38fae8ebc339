/** The nearest `package.json` with dependencies, and the lock beside it or that of its workspace. */
import * as Effect from "effect/Effect"
import { join, relative, sep } from "node:path"
import { isWithin, upwards } from "../travel/place.ts"
import { Declared, type Place } from "./Declared.ts"
import { type Installing, nothing } from "./Installing.ts"
import type { Refusal } from "./local.ts"
import { covers, type Lock, locks, members, otherLocks } from "./nodeLocks.ts"
import { isTable, type Table, tableAt } from "./Table.ts"

/**
 * What decides the installing. Without `scripts`: those of the project are made for its own directory, and another one
 * installs nothing anew.
 */
const deciding = [
  "name",
  "version",
  "private",
  "type",
  "workspaces",
  "packageManager",
  "engines",
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "dependenciesMeta",
  "bundleDependencies",
  "overrides",
  "resolutions",
  "pnpm"
]

/** They may hold tokens; what of them the installing needs is the runner's. */
const settings = [".npmrc", ".yarnrc.yml", ".yarnrc"]

const slim = (manifest: Table): string =>
  `${JSON.stringify(Object.fromEntries(deciding.flatMap((key) => key in manifest ? [[key, manifest[key]]] : [])), null, 2)}\n`

const manifestAt = Effect.fnUntraced(function*(declared: Declared, directory: string) {
  const here = join(directory, "package.json")
  const text = yield* declared.read(here)
  if (text === null) return null
  return yield* Effect.try({
    try: (): Table => {
      const content: unknown = JSON.parse(text)
      return isTable(content) ? content : {}
    },
    catch: (cause) => declared.refuse(here, "malformed", (cause as Error).message.split("\n", 1)[0]!)
  })
})

/** Those of development count: `npm install` brings them here, too. */
const needs = (manifest: Table): ReadonlyArray<string> =>
  ["dependencies", "devDependencies", "optionalDependencies"].flatMap((key) => Object.keys(tableAt(manifest, key)))

const lockIn = (place: Place, directory: string): Lock | undefined =>
  locks.find(({ name }) => place.disk.kind(join(directory, name)) === "file")

/** The lock's directory: that of the `package.json`, or one above whose lock knows it. */
const lockFor = Effect.fnUntraced(function*(place: Place, directory: string, reader: Declared) {
  const isOurs = (above: string) => above === directory || place.regions.some((region) => isWithin(region, above))
  for (const above of upwards(directory).filter(isOurs)) {
    const lock = lockIn(place, above)
    if (lock === undefined) continue
    const text = (yield* reader.read(join(above, lock.name), true)) ?? ""
    const inside = relative(above, directory).split(sep).join("/")
    return covers(lock.kind, text, inside) ? { directory: above, lock, text } : null
  }
  return null
})

const unlocked = (declared: Declared, place: Place, directory: string): Installing => {
  const other = otherLocks.find((name) => place.disk.kind(join(directory, name)) === "file")
  declared.remark(other === undefined ? declared.name : declared.shown(join(directory, other)), other === undefined ? "noLock" : "otherLock")
  return { ...nothing, remarks: declared.remarks }
}

/** Null where there is no `package.json`, or one that needs nothing. */
export const packageIn = Effect.fnUntraced(function*(
  place: Place,
  directory: string
): Effect.fn.Return<Installing | null, Refusal> {
  const reader = new Declared(place, join(directory, "package.json"))
  const manifest = yield* manifestAt(reader, directory)
  if (manifest === null || needs(manifest).length === 0) return null
  const found = yield* lockFor(place, directory, reader)
  if (found === null) return unlocked(reader, place, directory)
  const { lock, text } = found
  const declared = new Declared(place, join(found.directory, lock.name))
  const own = relative(found.directory, directory).split(sep).join("/")
  for (const inside of new Set(["", own, ...members(lock.kind, text)])) {
    const one = yield* manifestAt(declared, join(found.directory, inside))
    if (one !== null) declared.text(inside === "" ? "package.json" : `${inside}/package.json`, slim(one))
    if (one !== null && inside === "") declared.text(lock.name, text)
    if (inside !== "" && inside !== own) declared.remark(declared.shown(join(found.directory, inside)), "local")
  }
  const workspace = yield* declared.read(join(found.directory, "pnpm-workspace.yaml"))
  if (workspace !== null && lock.kind === "pnpm-lock") declared.text("pnpm-workspace.yaml", workspace)
  for (const name of settings) {
    const here = join(found.directory, name)
    if (place.disk.kind(here) === "file") declared.remark(declared.shown(here), "settings")
  }
  return declared.result({
    kind: lock.kind,
    packages: needs(manifest).length,
    root: declared.shown(found.directory) || "."
  })
})

/** Node looks in every directory above, whatever the working directory is; the project's end is the end of it here. */
export const ofNode = Effect.fnUntraced(function*(place: Place, directory: string): Effect.fn.Return<Installing, Refusal> {
  const isOurs = (above: string) => above === directory || place.regions.some((region) => isWithin(region, above))
  for (const above of upwards(directory).filter(isOurs)) {
    const found = yield* packageIn(place, above)
    if (found !== null) return found
  }
  return nothing
})
