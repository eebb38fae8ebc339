/** What stands in a slot before its script starts, to tell afterwards what the script did. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { BigIntStats } from "node:fs"
import { lstat } from "node:fs/promises"
import { join, relative } from "node:path"
import type { InputFile, JobSpec, Sha256 } from "rgrid/domain/JobSpec"
import { isWithin } from "../slot/workdir.ts"
import { type FileTrouble, onDisk } from "./FileTrouble.ts"
import { chainOf, type Ground, type InputMisplaced, type Place, placeAll, type Places } from "./places.ts"

/** An input as the script finds it, to tell later whether it was changed. */
export interface Before {
  readonly sha256: Sha256
  readonly mode: number
  readonly size: bigint
  readonly inode: bigint
  readonly modified: bigint
  readonly changed: bigint
  /** The file is so young that a write just after would leave the same times: only its content can tell. */
  readonly young: boolean
}

/** A directory of the slot and what stood in it, by paths relative to it. */
export interface Tree {
  /** Here. */
  readonly base: string
  /** Where the script sees it; null for the workspace, whose paths are told relative. */
  readonly there: string | null
  readonly files: ReadonlyMap<string, Before>
  readonly directories: ReadonlySet<string>
  /** Paths that belong to somebody else: what is mounted there is no result. */
  readonly mounts: ReadonlySet<string>
}

/** A tree's path as a manifest has it. */
export const told = ({ there }: Pick<Tree, "there">, path: string): string => there === null ? path : `${there}/${path}`

/** Where a manifest's path is here; null when it is in none of the trees. */
export const hostPath = (trees: ReadonlyArray<Tree>, path: string): string | null => {
  for (const { base, there } of trees) {
    if (there === null ? !path.startsWith("/") : isWithin(path, there)) {
      return join(base, there === null ? path : relative(there, path))
    }
  }
  return null
}

/** The kernel stamps files by its tick, up to 10 ms. */
const tickNanos = 10_000_000n

/** Comparing more than this by content would cost more than waiting a tick. */
const mostYoungBytes = 16n * 1024n * 1024n

const parallel = 16

const before = (file: InputFile, status: BigIntStats, now: bigint): Before => ({
  sha256: file.content.sha256,
  mode: Number(status.mode) & 0o777,
  size: status.size,
  inode: status.ino,
  modified: status.mtimeNs,
  changed: status.ctimeNs,
  young: status.ctimeNs > now - tickNanos
})

const seen = Effect.fnUntraced(function*({ files }: Places) {
  const now = yield* Clock.currentTimeNanos
  const all = yield* Effect.forEach(files, ({ base, file, path }) =>
    base === null ? Effect.succeed([]) : Effect.map(
      onDisk(path, () => lstat(join(base, path), { bigint: true })),
      (status) => [{ base, path, before: before(file, status, now) }]
    ), { concurrency: parallel })
  return all.flat()
})

/** The place of the workspace in a directory above it is none of the script's making. */
const ownPlaces = (there: string | null, workdir: string): ReadonlyArray<string> =>
  there !== null && isWithin(workdir, there) ? chainOf(relative(there, workdir)) : []

const pathsIn = (base: string, places: Iterable<Place>): ReadonlyArray<string> =>
  [...places].filter((place) => place.base === base).map(({ path }) => path)

/** By paths in the tree that the script sees at `there`. */
const mountsIn = (there: string, mounts: ReadonlyArray<string>): ReadonlyArray<string> =>
  mounts.filter((at) => isWithin(at, there)).map((at) => relative(there, at))

/** Looks at what was filled in, after its owner was set and before the script starts. */
export const snapshot: (
  ground: Ground,
  spec: JobSpec
) => Effect.Effect<ReadonlyArray<Tree>, InputMisplaced | FileTrouble> = Effect.fnUntraced(
  function*(ground: Ground, spec: JobSpec) {
    const places = yield* placeAll(ground, spec)
    const inputs = yield* seen(places)
    const youngBytes = inputs.reduce((sum, { before }) => before.young ? sum + before.size : sum, 0n)
    const wait = youngBytes > mostYoungBytes
    if (wait) yield* Effect.sleep("10 millis")
    const mounted = (there: string | null) => mountsIn(there ?? ground.workdir, ground.mounts ?? [])
    const tree = (there: string | null, base: string): Tree => ({
      base,
      there,
      mounts: new Set(mounted(there)),
      files: new Map(
        inputs.filter((input) => input.base === base)
          .map(({ before, path }) => [path, wait ? { ...before, young: false } : before])
      ),
      directories: new Set([
        ...ownPlaces(there, ground.workdir),
        ...mounted(there).flatMap(chainOf),
        ...pathsIn(base, places.directories.values())
      ])
    })
    const { outside } = ground
    // What stands on this machine as it is, the script changes there: nothing of it is looked at.
    const trees = outside === "here" ? [] : Array.from(outside, ([there, base]) => tree(there, base))
    return [tree(null, ground.workspace), ...trees]
  }
)
