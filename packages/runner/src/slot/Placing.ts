/**
 * Directories of this machine, put into slots that wait already, so that one made ahead fits any caller's directory.
 *
 * That needs Linux 5.12, a runner that is root and processes of the engine that it can see; elsewhere a slot is made
 * with its directories in place.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { SandboxError, SlotLost } from "rgrid/ports/Sandbox"
import * as initBinary from "./initBinary.ts"
import { MountHelper, number, type Reply, string, strings } from "./MountHelper.ts"
import { isWithin } from "./workdir.ts"

/** A directory of this machine and where a script sees it. */
export interface Place {
  readonly source: string
  readonly at: string
  readonly readOnly: boolean
}

/** What has to go again. */
export interface Placed {
  /** Where something is mounted that is beneath nothing else mounted. */
  readonly tops: ReadonlyArray<string>
  /** Directories that were made to mount at. */
  readonly made: ReadonlyArray<string>
}

export interface Placing {
  /** Whether the process is a slot's init whose mounts can be changed from here. */
  readonly reaches: (pid: number) => Effect.Effect<boolean>
  /** Mounts them in this order. Fails with `SlotLost` when one can't be had: the slot is of no more use then. */
  readonly place: (slot: string, pid: number, places: ReadonlyArray<Place>) => Effect.Effect<Placed, SandboxError>
  /** Takes them out again, and what a script mounted nothing beneath; `SlotLost` where that fails. */
  readonly unplace: (slot: string, pid: number, placed: Placed) => Effect.Effect<void, SandboxError>
}

const orLost = (slot: string, what: string, reply: Reply): Effect.Effect<Reply, SandboxError> =>
  reply.error === null
    ? Effect.succeed(reply)
    : Effect.fail(new SandboxError({ reason: new SlotLost({ slot, detail: `${what}: ${reply.error}` }) }))

const payloadOf = ({ at, readOnly, source }: Place): Buffer =>
  Buffer.concat([Buffer.from([readOnly ? 1 : 0]), string(source), string(at)])

const topsOf = (places: ReadonlyArray<Place>): ReadonlyArray<string> =>
  places.map(({ at }) => at).filter((at) => !places.some((other) => other.at !== at && isWithin(at, other.at)))

const placingWith = (helper: MountHelper): Placing => ({
  reaches: (pid) => Effect.map(Effect.promise(() => helper.ask("T", number(pid))), ({ error }) => error === null),
  place: (slot, pid, places) =>
    Effect.promise(() => helper.ask("M", number(pid), number(places.length), ...places.map(payloadOf))).pipe(
      Effect.flatMap((reply) => orLost(slot, "its directories could not be mounted", reply)),
      Effect.map(({ made }) => ({ tops: topsOf(places), made }))
    ),
  unplace: (slot, pid, { made, tops }) =>
    Effect.promise(() => helper.ask("U", number(pid), strings(tops), strings(made))).pipe(
      Effect.flatMap((reply) => orLost(slot, "its directories could not be unmounted", reply)),
      Effect.asVoid
    )
})

const start = async (stateDirectory: string, initPath: string): Promise<MountHelper | null> => {
  const source = initBinary.mountHelper(process.arch)
  if (process.platform !== "linux" || process.getuid?.() !== 0 || source === undefined) return null
  return new MountHelper(await initBinary.install(stateDirectory, source), initPath)
}

/** Null where this machine, or this runner's own confinement, does not allow it. The helper goes with the scope. */
export const make = (stateDirectory: string, initPath: string): Effect.Effect<Placing | null, never, Scope.Scope> =>
  Effect.gen(function*() {
    const helper = yield* Effect.acquireRelease(
      Effect.promise(() => start(stateDirectory, initPath).catch(() => null)),
      (helper) => Effect.promise(() => helper?.close() ?? Promise.resolve())
    )
    if (helper === null) return null
    const placing = placingWith(helper)
    return (yield* placing.reaches(0)) ? placing : null
  })
