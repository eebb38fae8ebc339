/** What of a slot's directory its script sees, and how that becomes empty again while it stays mounted. */
import * as Effect from "effect/Effect"
import { join, relative } from "node:path"
import { SandboxError, SlotLost, type SlotRequest } from "rgrid/ports/Sandbox"
import * as emptying from "./emptying.ts"
import type { Place } from "./Placing.ts"
import * as SlotDirectory from "./SlotDirectory.ts"
import { isWithin } from "./workdir.ts"

export interface Contents {
  readonly workspace: string
  /** By where the script sees them. */
  readonly outside: ReadonlyMap<string, string>
  /** Stands in for the image's `/root`, for what is mounted beneath it. */
  readonly openRoot: string | undefined
  /** Directories in the others at which something is mounted in the slot. */
  readonly places: emptying.Places
}

/** A root at `/root` itself is open already. */
const rootFor = async (directory: SlotDirectory.SlotDirectory, { outside, workdir }: SlotRequest) => {
  const beneath = [workdir, ...outside].filter((path) => path.startsWith("/root/"))
  const closed = beneath.length > 0 && !outside.includes("/root")
  return closed ? await SlotDirectory.openRoot(directory, beneath) : undefined
}

/** Where in the directories outside it the workspace stands. */
const workspacePlaces = (outside: ReadonlyMap<string, string>, workdir: string): ReadonlyArray<string> =>
  Array.from(outside)
    .filter(([there]) => isWithin(workdir, there))
    .map(([there, path]) => join(path, relative(there, workdir)))

export const make = async (directory: SlotDirectory.SlotDirectory, request: SlotRequest): Promise<Contents> => {
  const outside = await SlotDirectory.makeOutside(directory, request)
  const places = await SlotDirectory.makePlaces(directory, outside, request)
  return {
    workspace: directory.workspace,
    outside,
    openRoot: await rootFor(directory, request),
    places: await emptying.placesAt([...workspacePlaces(outside, request.workdir), ...places])
  }
}

const depth = ({ at }: Place): number => at === "/" ? 0 : at.split("/").length

/** All that is to be mounted, those first that others are in. */
export const placesOf = ({ openRoot, outside, workspace }: Contents, request: SlotRequest): ReadonlyArray<Place> =>
  [
    ...(openRoot === undefined ? [] : [{ source: openRoot, at: "/root", readOnly: true }]),
    ...Array.from(outside, ([at, source]) => ({ source, at, readOnly: false })),
    { source: workspace, at: request.workdir, readOnly: false },
    ...(request.mounts ?? []).map(({ at, source, writable }) => ({ source, at, readOnly: !writable }))
  ].toSorted((one, other) => depth(one) - depth(other))

const orLost = (slot: string, run: () => Promise<void>): Effect.Effect<void, SandboxError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => new SandboxError({ reason: new SlotLost({ slot, detail: `not emptied: ${String(cause)}` }) })
  })

/** As they were made, ownership apart. Fails when a script has moved a directory at which something is mounted. */
export const empty = (slot: string, { outside, places, workspace }: Contents): Effect.Effect<void, SandboxError> => {
  const modes = Array.from(outside, ([there, path]) => [path, SlotDirectory.modeAt(there)] as const)
  return orLost(slot, () => emptying.emptied(new Map([[workspace, 0o755], ...modes]), places))
}

/** As it was before `make`, for directories that are mounted nowhere any more: with others in their places. */
export const renew = (slot: string, directory: SlotDirectory.SlotDirectory): Effect.Effect<void, SandboxError> =>
  orLost(slot, () => SlotDirectory.renew(directory))
