/** What a requirement leads to on this machine: an archive is sent, a directory is replaced by what it needs itself. */
import * as Effect from "effect/Effect"
import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { RequirementsMissing, RequirementsRefused } from "../errors.ts"
import type { Disk } from "../travel/Language.ts"
import type { Declared } from "./Declared.ts"
import { localReference, type Reference } from "./requirementLines.ts"
import { tableAt, textsAt } from "./Table.ts"
import { parseToml } from "./toml.ts"

export type Refusal = RequirementsMissing | RequirementsRefused

export type Local =
  | { readonly _tag: "Archive"; readonly path: string }
  /** Requirements instead of it. */
  | { readonly _tag: "Directory"; readonly needs: ReadonlyArray<string> }

const pathOf = (target: string, base: string): string => {
  if (/^file:\/\//i.test(target)) {
    try {
      return fileURLToPath(target.replace(/#.*$/, ""))
    } catch {
      return resolve(base, target)
    }
  }
  const path = target.replace(/^file:/i, "")
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(base, path)
}

/** Paths are those of the directory that pip is called in: the declaration's own, most likely. */
const locate = (disk: Disk, target: string, bases: ReadonlyArray<string>) => {
  const here = bases.map((base) => pathOf(target, base)).find((path) => disk.kind(path) !== null)
  return here === undefined ? null : { here, isFile: disk.kind(here) === "file" }
}

const extrasOf = (text: string): ReadonlyArray<string> =>
  text.replace(/[[\]\s]/g, "").split(",").filter((name) => name !== "")

/** What a directory's `pyproject.toml` says it needs, and what its own directories need. */
const needsOf = (
  declared: Declared,
  directory: string,
  extras: string,
  seen: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, Refusal> =>
  Effect.gen(function*() {
    const file = join(directory, "pyproject.toml")
    const text = yield* declared.read(file)
    const project = text === null ? {} : tableAt(yield* parseToml(declared, file, text), "project")
    const own = textsAt(project, "dependencies")
    const isUnread = own === undefined && (text === null || (textsAt(project, "dynamic") ?? []).includes("dependencies"))
    declared.remark(declared.shown(directory) || ".", isUnread ? "localUnread" : "local")
    const optional = tableAt(project, "optional-dependencies")
    const all = [...own ?? [], ...extrasOf(extras).flatMap((extra) => textsAt(optional, extra) ?? [])]
    const lines = yield* Effect.forEach(all, (requirement) => {
      const reference = localReference(requirement)
      return reference === null
        ? Effect.succeed([requirement])
        : replaced(declared, reference, [directory], declared.shown(file), [...seen, directory])
    })
    return lines.flat()
  })

export const local = Effect.fnUntraced(function*(
  declared: Declared,
  { extras, target }: Pick<Reference, "extras" | "target">,
  bases: ReadonlyArray<string>,
  from: string,
  seen: ReadonlyArray<string> = []
): Effect.fn.Return<Local, Refusal> {
  const found = locate(declared.place.disk, target, bases)
  if (found === null) {
    // A path of a variable is known only where it is set.
    if (!target.includes("${")) return yield* declared.missing(pathOf(target, bases[0]!), from)
    declared.remark(target, "localUnread")
    return { _tag: "Directory", needs: [] }
  }
  if (found.isFile) return { _tag: "Archive", path: yield* declared.archive(found.here) }
  if (seen.includes(found.here)) return { _tag: "Directory", needs: [] }
  return { _tag: "Directory", needs: yield* needsOf(declared, found.here, extras, seen) }
})

/** The lines that stand for a reference where the installing runs, in the directory of all its files. */
export const replaced = Effect.fnUntraced(function*(
  declared: Declared,
  reference: Reference,
  bases: ReadonlyArray<string>,
  from: string,
  seen: ReadonlyArray<string> = []
): Effect.fn.Return<ReadonlyArray<string>, Refusal> {
  const found = yield* local(declared, reference, bases, from, seen)
  return found._tag === "Archive" ? [`./${found.path}${reference.extras}${reference.rest}`] : found.needs
})
