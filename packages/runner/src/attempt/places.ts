/** Where in a slot the paths of a job belong. They are checked again here: the spec came over a network. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { join, relative } from "node:path"
import type { InputFile, JobSpec } from "rgrid/domain/JobSpec"
import { isWithin } from "../slot/workdir.ts"
import { standingOf } from "./outside.ts"

/** The spec names a place where nothing may be put: none of the slot's, through a link, or over another input. */
export class InputMisplaced extends Schema.TaggedError<InputMisplaced>()("InputMisplaced", {
  path: Schema.String,
  detail: Schema.String
}) {}

/** Where a slot is filled. */
export interface Ground {
  readonly workspace: string
  /** Where the script sees the workspace. */
  readonly workdir: string
  /** Directories here by the paths the script sees them at, or `here`: it sees this machine's own files. */
  readonly outside: ReadonlyMap<string, string> | "here"
  /** What is mounted in these, by where the script sees it. Absent: nothing. */
  readonly mounts?: ReadonlyArray<string>
  /** Present: the workspace may be an overlay, whose files belong to this user. */
  readonly overlay?: { readonly uid: number; readonly gid: number }
}

/** Where something is put: in a directory of the slot, or nowhere, since it has to be on this machine already. */
export interface Place {
  /** As the spec has it. */
  readonly named: string
  /** The workspace, a directory outside it, or null for this machine as it is. */
  readonly base: string | null
  /** Relative to `base`; empty for the base itself. Absolute where there is none. */
  readonly path: string
}

export interface Placed extends Place {
  readonly file: InputFile
}

/** A directory in the slot, to be made. */
export interface Made extends Place {
  readonly base: string
}

export interface Places {
  readonly files: ReadonlyArray<Placed>
  readonly named: ReadonlyArray<Place>
  /** By their paths here. */
  readonly directories: ReadonlyMap<string, Made>
}

type Found = Effect.Effect<Place | null, InputMisplaced>

/** Null: outside, where this slot has no directory for it. */
const placeOf = ({ outside, workspace }: Ground, cwd: string, named: string): Found => {
  const standing = standingOf(cwd, named)
  if (standing === null) return Effect.fail(new InputMisplaced({ path: named, detail: "It is no path of a file." }))
  const { _tag, path } = standing
  if (_tag === "Inside") return Effect.succeed({ named, base: workspace, path })
  if (outside === "here") return Effect.succeed({ named, base: null, path })
  for (const [there, base] of outside) {
    if (isWithin(path, there)) return Effect.succeed({ named, base, path: relative(there, path) })
  }
  return Effect.succeed(null)
}

const placeFile = (ground: Ground, cwd: string) => (file: InputFile): Effect.Effect<Placed, InputMisplaced> =>
  Effect.flatMap(placeOf(ground, cwd, file.path), (found) => {
    const refuse = (detail: string) => Effect.fail(new InputMisplaced({ path: file.path, detail }))
    if (found === null) return refuse("The slot has no such directory.")
    return found.path === "" ? refuse("It is a directory, too.") : Effect.succeed({ ...found, file })
  })

const parentsOf = (path: string): ReadonlyArray<string> => {
  const names = path.split("/")
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"))
}

/** A relative path and all above it. */
export const chainOf = (path: string): ReadonlyArray<string> => path === "" ? [] : [...parentsOf(path), path]

/** Itself and all above it in its base. Nothing is made on this machine as it is. */
const chain = ({ base, named, path }: Place, self: boolean): ReadonlyArray<Made> =>
  base === null || path === "" ? [] : (self ? chainOf(path) : parentsOf(path)).map((path) => ({ named, base, path }))

/** A directory that no slot has a place for is left to the image: files that need it have been refused. */
export const placeAll: (ground: Ground, spec: JobSpec) => Effect.Effect<Places, InputMisplaced> = Effect.fnUntraced(
  function*(ground: Ground, spec: JobSpec) {
    const files = yield* Effect.forEach(spec.files, placeFile(ground, spec.cwd))
    const found = yield* Effect.forEach(
      spec.directories.filter((path) => path !== spec.cwd),
      (path) => placeOf(ground, spec.cwd, path)
    )
    const named = found.filter((place) => place !== null)
    const made = [...named.flatMap((one) => chain(one, true)), ...files.flatMap((one) => chain(one, false))]
    return { files, named, directories: new Map(made.map((one) => [join(one.base, one.path), one])) }
  }
)
