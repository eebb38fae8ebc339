/**
 * A project's `pyproject.toml`, with `uv.lock` or without. Only what decides the installing is sent: another version or
 * another setting of a linter installs nothing anew.
 */
import * as Effect from "effect/Effect"
import { dirname, join, relative, sep } from "node:path"
import { isWithin, upwards } from "../travel/place.ts"
import { Declared, type Place } from "./Declared.ts"
import type { Installing } from "./Installing.ts"
import type { Refusal } from "./local.ts"
import { withoutLocal } from "./sources.ts"
import { isTable, type Table, tableAt, textsAt } from "./Table.ts"
import { parseToml, stringifyToml } from "./toml.ts"

const nameOf = (project: Table): string => typeof project["name"] === "string" ? project["name"] : "project"

/** What uv needs to know a project, which itself is never installed. */
const head = (project: Table): Table => ({
  name: nameOf(project),
  version: "0",
  ...(typeof project["requires-python"] === "string" ? { "requires-python": project["requires-python"] } : {})
})

const isDynamic = (project: Table): boolean => (textsAt(project, "dynamic") ?? []).includes("dependencies")

/** Null where it declares no dependencies at all: it may hold the settings of a linter only. */
export const pyproject = Effect.fnUntraced(function*(
  place: Place,
  here: string
): Effect.fn.Return<Installing | null, Refusal> {
  const declared = new Declared(place, here)
  const text = yield* declared.read(here)
  if (text === null) return null
  const table = yield* parseToml(declared, here, text)
  const project = tableAt(table, "project")
  const given = textsAt(project, "dependencies")
  if (given === undefined) {
    const isPoetry = isTable(tableAt(table, "tool", "poetry")["dependencies"])
    if (!isPoetry && !isDynamic(project)) return null
    declared.remark(isPoetry ? "tool.poetry.dependencies" : "dynamic dependencies", "unread")
    return { wanted: null, remarks: declared.remarks }
  }
  const locked = yield* lockAbove(place, here)
  if (locked !== null) return locked
  const { workspace: _, ...uv } = tableAt(table, "tool", "uv")
  const { dependencies, sources } = yield* withoutLocal(declared, given, uv, dirname(here))
  const sent = { project: { ...head(project), dependencies }, tool: { uv: { ...uv, sources } } }
  declared.text("pyproject.toml", stringifyToml(sent))
  return declared.result({ kind: "pyproject", packages: dependencies.length })
})

/** The lock of the workspace that a project is a member of. */
const lockAbove = Effect.fnUntraced(function*(place: Place, here: string) {
  const own = dirname(here)
  const above = upwards(own).slice(1).filter((directory) => place.regions.some((region) => isWithin(region, directory)))
  for (const directory of above) {
    const lock = join(directory, "uv.lock")
    const declared = new Declared(place, lock)
    const text = yield* declared.read(lock, true)
    if (text === null) continue
    const table = yield* parseToml(declared, lock, text)
    const path = relative(directory, own).split(sep).join("/")
    if (packagesIn(table).some((one) => pathOf(one) === path)) return yield* locked(declared, here, text, table, path)
  }
  return null
})

const packagesIn = (lock: Table): ReadonlyArray<Table> =>
  Array.isArray(lock["package"]) ? lock["package"].filter(isTable) : []

/** Directory of a package of one's own; undefined for what others made. */
const pathOf = (one: Table): unknown => {
  const { directory, editable, virtual } = tableAt(one, "source")
  return editable ?? virtual ?? directory
}

/** `pyproject`, the project at `path` below the lock, decides whose dependencies of the lock are meant. */
const locked = Effect.fnUntraced(function*(
  declared: Declared,
  pyproject: string,
  text: string,
  table: Table,
  path = "."
): Effect.fn.Return<Installing, Refusal> {
  const manifest = (yield* declared.read(pyproject)) ?? ""
  const project = tableAt(yield* parseToml(declared, pyproject, manifest), "project")
  declared.text("pyproject.toml", stringifyToml({ project: head(project) }))
  declared.text("uv.lock", text)
  const packages = packagesIn(table)
  const own = packages.filter((one) => pathOf(one) !== undefined)
  for (const one of own) {
    const at = pathOf(one)
    if (at !== "." && at !== path) declared.remark(nameOf(one), "local")
  }
  return declared.result({ kind: "uv-lock", packages: packages.length - own.length })
})

/** `uv.lock` in a directory with its `pyproject.toml`; null without both. */
export const uvLock = Effect.fnUntraced(function*(
  place: Place,
  directory: string
): Effect.fn.Return<Installing | null, Refusal> {
  const here = join(directory, "uv.lock")
  const declared = new Declared(place, here)
  const text = yield* declared.read(here, true)
  const manifest = join(directory, "pyproject.toml")
  if (text === null || (yield* declared.read(manifest)) === null) return null
  return yield* locked(declared, manifest, text, yield* parseToml(declared, here, text))
})
