/** How a slot's directories come to where its script sees them: with the slot, or when it is opened. */
import * as Effect from "effect/Effect"
import { statSync } from "node:fs"
import { dirname } from "node:path"
import type { SandboxError, SlotRequest } from "rgrid/ports/Sandbox"
import * as contents from "./contents.ts"
import type { InitConnection } from "./InitConnection.ts"
import type { Placed, Placing } from "./Placing.ts"
import type * as SlotDirectory from "./SlotDirectory.ts"

export interface Furnishing {
  /** Empty directories where the request wants them. */
  readonly open: (request: SlotRequest) => Effect.Effect<contents.Contents, SandboxError>
  /**
   * Shows the script what was mounted over its workspace since `open`. Null: it would not see that, so nothing may be.
   */
  readonly cover: Effect.Effect<void, SandboxError> | null
  /** `Slot.reset` of the port. */
  readonly reset: Effect.Effect<void, SandboxError>
}

/** Everything mounted in the slot that is the runner's to empty, or to leave. */
const runners = ({ mounts, outside, workdir }: SlotRequest): ReadonlyArray<string> => [
  workdir,
  ...outside,
  ...(mounts ?? []).map(({ at }) => at)
]

/** Equal for requests that see the same at the same paths. */
export const placesIn = ({ mounts, outside, workdir }: SlotRequest): string =>
  JSON.stringify([workdir, outside, (mounts ?? []).map(({ at, source, writable }) => [at, source, writable])])

/** They are mounted since the slot was made, for this request and those like it. */
export const fixed = (
  slot: string,
  connection: Pick<InitConnection, "reset">,
  request: SlotRequest,
  holds: contents.Contents
): Furnishing => ({
  open: () => Effect.succeed(holds),
  cover: null,
  reset: Effect.andThen(connection.reset(runners(request)), contents.empty(slot, holds))
})

export interface LateSlot {
  readonly slot: string
  /** Of its init, on this machine. */
  readonly pid: number
  readonly directory: SlotDirectory.SlotDirectory
  readonly onError: (cause: unknown) => SandboxError
}

interface Present {
  readonly request: SlotRequest
  readonly holds: contents.Contents
  readonly placed: Placed
  /** Something stands over the workspace, in the slot too. */
  readonly isCovered: boolean
}

/** A file system of its own. */
const isMounted = (directory: string): boolean => statSync(directory).dev !== statSync(dirname(directory)).dev

/** They are mounted at `open`, which any request may. They stay for one that wants the same: unmounting takes longest. */
export const late = (
  placing: Placing,
  connection: Pick<InitConnection, "reset">,
  { directory, onError, pid, slot }: LateSlot
): Furnishing => {
  let present: Present | undefined
  const clear = Effect.fnUntraced(function*({ placed }: Present) {
    yield* placing.unplace(slot, pid, placed)
    present = undefined
    yield* contents.renew(slot, directory)
  })
  const furnish = Effect.fnUntraced(function*(request: SlotRequest) {
    const holds = yield* Effect.tryPromise({ try: () => contents.make(directory, request), catch: onError })
    const placed = yield* placing.place(slot, pid, contents.placesOf(holds, request))
    present = { request, holds, placed, isCovered: false }
    return holds
  })
  const cover = Effect.gen(function*() {
    if (present === undefined) return
    const { holds: { workspace }, placed, request: { workdir } } = present
    if (!(yield* Effect.try({ try: () => isMounted(workspace), catch: onError }))) return
    yield* placing.place(slot, pid, [{ source: workspace, at: workdir, readOnly: false }])
    present = { ...present, isCovered: true, placed: { ...placed, tops: [workdir, ...placed.tops] } }
  })
  return {
    open: (request) =>
      Effect.suspend(() => {
        if (present === undefined) return furnish(request)
        if (placesIn(present.request) === placesIn(request)) return Effect.succeed(present.holds)
        return Effect.andThen(clear(present), furnish(request))
      }),
    cover,
    reset: Effect.suspend(() => {
      if (present === undefined) return connection.reset([])
      const { holds, isCovered, request } = present
      return Effect.andThen(
        connection.reset(runners(request)),
        isCovered ? clear(present) : contents.empty(slot, holds)
      )
    })
  }
}
