/** `dependencies` and `[tool.uv.sources]`, as `pyproject.toml` and inline metadata both have them. */
import * as Effect from "effect/Effect"
import type { Declared } from "./Declared.ts"
import { local, type Refusal } from "./local.ts"
import { localReference, type Reference } from "./requirementLines.ts"
import { isTable, type Table, tableAt } from "./Table.ts"

export interface Dependent {
  readonly dependencies: ReadonlyArray<string>
  readonly sources: Table
}

/** Names are the same whatever their case and their separators (PEP 503). */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-")

const parts = (requirement: string) => {
  const [, name = "", extras = "", rest = ""] = /^\s*([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?(.*)$/s.exec(requirement) ?? []
  return { name, extras, rest }
}

/** What of a source is here; a list of sources is one for each platform. */
const pathIn = (source: unknown): string | null => {
  for (const one of Array.isArray(source) ? source : [source]) {
    if (isTable(one) && typeof one["path"] === "string") return one["path"]
  }
  return null
}

const isWorkspace = (source: unknown): boolean => isTable(source) && source["workspace"] === true

type Taken = { readonly needs: ReadonlyArray<string>; readonly path?: string }

const taken = Effect.fnUntraced(function*(
  declared: Declared,
  reference: Pick<Reference, "extras" | "target">,
  name: string,
  directory: string
): Effect.fn.Return<Taken, Refusal> {
  const found = yield* local(declared, reference, [directory], declared.name)
  return found._tag === "Archive" ? { needs: [name], path: found.path } : { needs: found.needs }
})

/** The same without what is here: archives are sent, directories replaced by what they need themselves. */
export const withoutLocal = Effect.fnUntraced(function*(
  declared: Declared,
  dependencies: ReadonlyArray<string>,
  uv: Table,
  directory: string
): Effect.fn.Return<Dependent, Refusal> {
  const given = Object.entries(tableAt(uv, "sources"))
  const sources: Record<string, unknown> = {}
  const kept = yield* Effect.forEach(dependencies, Effect.fnUntraced(function*(requirement) {
    const { extras, name } = parts(requirement)
    const [key, source] = given.find(([one]) => normal(one) === normal(name)) ?? [name, undefined]
    const path = pathIn(source)
    const reference = path === null ? localReference(requirement) : { target: path, extras }
    if (reference !== null) {
      const { needs, path } = yield* taken(declared, reference, `${name}${reference.extras}`, directory)
      if (path !== undefined) sources[key] = { path }
      return needs
    }
    if (isWorkspace(source)) {
      declared.remark(name, "localUnread")
      return []
    }
    if (source !== undefined) sources[key] = source
    return [requirement]
  }))
  return { dependencies: kept.flat(), sources }
})
