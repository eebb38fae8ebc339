/**
 * Writes what a script made where it would have appeared: below one directory or where its caller's arguments pointed,
 * through no link, never into `.git` or `.rgrid`, each file whole or not at all, whatever the server says (design §4.8).
 */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { mkdir, realpath, rename } from "node:fs/promises"
import { basename, dirname, join, posix } from "node:path"
import type { OutputList } from "../api/Executions.ts"
import type { Execution, Output } from "../domain/Execution.ts"
import type { FileContent, Sha256 } from "../domain/JobSpec.ts"
import type { Links } from "./back/fetch.ts"
import { dress, enter, onDisk, putBeside } from "./back/files.ts"
import { fateOf, sameBeside } from "./back/meanwhile.ts"
import { withWhole } from "./back/partial.ts"
import { type Below, type Spot, spotOf, type Staged } from "./back/where.ts"
import type { GridError, NotWritten } from "./errors.ts"
import * as executions from "./executions.ts"
import type { GridClient } from "./GridClient.ts"

export { type Staged, stagedBy } from "./back/where.ts"

export interface BringBackOptions {
  /** Absolute; made when it is missing. */
  readonly directory: string
  /** What was sent from here. Absent: another's run, or results wanted elsewhere; all of them stay below the directory. */
  readonly staged?: Staged
  /** Among many: what it is called there. */
  readonly below?: Below
  /** Files that others of them wrote, by their whole paths: none is overwritten. */
  readonly taken?: Set<string>
  /** Milliseconds since 1970: a file here that was changed or made since then is not overwritten. */
  readonly since: number
  /** What it made, where that is known already. */
  readonly listed?: OutputList | undefined
  /** What an earlier run of the same job left: a file here that is still that may be overwritten. */
  readonly earlier?: ReadonlyMap<string, Sha256>
}

export interface Written {
  /** Relative to the directory; absolute outside it. */
  readonly path: string
  readonly bytes: number
}

export interface NotTaken {
  readonly path: string
  readonly reason: string
}

export interface BroughtBack {
  readonly written: ReadonlyArray<Written>
  /** Outputs that may not be written here, and why. */
  readonly refused: ReadonlyArray<NotTaken>
  /** Written beside a file that changed here meanwhile: the path asked for, and where it is instead. */
  readonly beside: ReadonlyArray<{ readonly path: string; readonly writtenTo: string }>
  /** Inputs the script removed there; they are still here. */
  readonly deleted: ReadonlyArray<string>
  readonly skipped: ReadonlyArray<NotTaken>
}

/** Files, and parts of them, at a time. */
const parallel = 4

/** One bringing back, and what it made on the way. */
interface Errand {
  readonly options: BringBackOptions
  readonly root: string
  readonly links: Links
  /** Directories that were not there before. */
  readonly made: Set<string>
  /** Files written, so that no second output of one manifest takes the place of another. */
  readonly taken: Set<string>
}

type Outcome =
  | { readonly _tag: "Written"; readonly written: Written; readonly beside: string | null }
  | { readonly _tag: "Refused"; readonly refused: NotTaken }
  | { readonly _tag: "Directory"; readonly path: string; readonly output: Output }

const refuse = ({ path }: Output, reason: string): Outcome => ({ _tag: "Refused", refused: { path, reason } })

/** What people are told: the path a script gave it, or where below the directory it is. */
const shownOf = ({ options, root }: Errand, { path }: Output, spot: Spot): string =>
  options.below !== undefined || (path.startsWith("/") && options.staged === undefined && spot.root === root)
    ? spot.names.join("/")
    : path

const place = Effect.fnUntraced(
  function*(errand: Errand, output: Output, content: FileContent, path: string, shown: string) {
    const { links, options } = errand
    const isAnothers = options.taken?.has(path) === true
    options.taken?.add(path)
    const found = yield* onDisk(shown, () => fateOf(path, output, content, options))
    const fate = isAnothers && found === "free" ? "beside" : found
    if (fate === "blocked") return refuse(output, "something that is no file stands there")
    const written: Written = { path: shown, bytes: content.size }
    if (fate === "same") {
      yield* onDisk(shown, () => dress(path, output))
      return { _tag: "Written", written, beside: null } satisfies Outcome
    }
    const isBeside = fate === "beside"
    const before = isBeside ? yield* onDisk(shown, () => sameBeside(path, content)) : null
    const target = before ?? (yield* withWhole(links, content, { folder: dirname(path), shown }, (whole) =>
      onDisk(shown, async () => {
        await dress(whole, output)
        if (isBeside) return putBeside(whole, path)
        await rename(whole, path)
        return path
      })))
    const beside = isBeside ? posix.join(posix.dirname(shown), basename(target)) : null
    return { _tag: "Written", written, beside } satisfies Outcome
  }
)

const bring = Effect.fnUntraced(function*(errand: Errand, output: Output) {
  const { made, options, root, taken } = errand
  const spot = spotOf(root, options, output.path)
  if (typeof spot === "string") return refuse(output, spot)
  const isDirectory = output.type === "directory"
  const names = isDirectory ? spot.names : spot.names.slice(0, -1)
  const shown = shownOf(errand, output, spot)
  const entered = yield* onDisk(shown, () => enter(spot.root, names))
  if (entered === null) return refuse(output, "its directory is gone, or a link or a file stands in its place")
  entered.made.forEach((path) => made.add(path))
  if (isDirectory) return { _tag: "Directory", path: entered.folder, output } satisfies Outcome
  const path = join(entered.folder, spot.names.at(-1) ?? "")
  // Flat, `a/b` and `a-b` are one name, and one of them goes beside the other.
  const isTwice = taken.has(path) && options.below?.flat !== true
  if (output.content === undefined || isTwice) return refuse(output, "it has no content of its own")
  taken.add(path)
  return yield* place(errand, output, output.content, path, shown)
})

/** Last, the innermost first: a directory may be closed to writing, and what is put in it makes it younger. */
const dressDirectories = (made: ReadonlySet<string>, outcomes: ReadonlyArray<Outcome>) =>
  Effect.forEach(
    outcomes.flatMap((outcome) => outcome._tag === "Directory" && made.has(outcome.path) ? [outcome] : [])
      .sort((a, b) => b.path.length - a.path.length),
    ({ output, path }) => onDisk(output.path, () => dress(path, output)),
    { discard: true }
  )

const summary = (outcomes: ReadonlyArray<Outcome>) => ({
  written: outcomes.flatMap((outcome) => outcome._tag === "Written" ? [outcome.written] : []),
  refused: outcomes.flatMap((outcome) => outcome._tag === "Refused" ? [outcome.refused] : []),
  beside: outcomes.flatMap((outcome) =>
    outcome._tag === "Written" && outcome.beside !== null
      ? [{ path: outcome.written.path, writtenTo: outcome.beside }]
      : []
  )
})

const rootOf = ({ directory }: BringBackOptions) =>
  onDisk(directory, async () => {
    await mkdir(directory, { recursive: true })
    return realpath(directory)
  })

/** Fetches all outputs of an ended execution. Stops at the first that can't be written; what was written stays, whole. */
export const bringBack: (
  execution: Pick<Execution, "id">,
  options: BringBackOptions
) => Effect.Effect<BroughtBack, GridError | NotWritten, GridClient> = Effect.fn("client.bringBack")(
  function*({ id }: Pick<Execution, "id">, options: BringBackOptions) {
    const { manifest, parts } = options.listed ?? (yield* executions.outputs(id))
    const { deleted, skipped } = manifest
    // In one flat directory there are no others.
    const outputs = options.below?.flat === true ? manifest.outputs.filter(({ type }) => type === "file") : manifest.outputs
    const errand = {
      options,
      root: outputs.length === 0 ? options.directory : yield* rootOf(options),
      links: { execution: id, parts, turns: yield* Semaphore.make(parallel) },
      made: new Set<string>(),
      taken: new Set<string>()
    }
    const outcomes = yield* Effect.forEach(outputs, (output) => bring(errand, output), { concurrency: parallel })
    yield* dressDirectories(errand.made, outcomes)
    return { ...summary(outcomes), deleted, skipped }
  },
  (effect, { id }) => Effect.mapError(effect, (error) => error._tag === "NotWritten" ? error.of(id) : error)
)
