/**
 * Slots as hardened containers of a Docker engine.
 *
 * A slot is a started container whose only process is our init, attached over the engine's API. The script's arguments,
 * environment and streams travel over that connection; the engine learns nothing of them and is never asked how a
 * script ended (it would answer 30 ms late).
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { release } from "node:os"
import { join } from "node:path"
import { Sandbox, type SandboxError, type Session, type Slot, type SlotRequest } from "rgrid/ports/Sandbox"
import { allOrNothing } from "../../slot/allOrNothing.ts"
import * as contents from "../../slot/contents.ts"
import * as furnishing from "../../slot/furnishing.ts"
import type { InitConnection } from "../../slot/InitConnection.ts"
import { own } from "../../slot/own.ts"
import * as SlotDirectory from "../../slot/SlotDirectory.ts"
import type { ContainerPlan } from "./container.ts"
import * as errors from "./errors.ts"
import * as Ground from "./Ground.ts"
import type { Image } from "./images.ts"
import type { Namespace } from "./namespaces.ts"
import { type DockerSettings, holderLabel, runnerLabel, slotLabel } from "./settings.ts"
import * as SlotContainer from "./SlotContainer.ts"
import * as users from "./users.ts"

export type { DockerSettings } from "./settings.ts"

const writable = ({ mounts }: SlotRequest): ReadonlyArray<string> =>
  (mounts ?? []).filter(({ writable }) => writable).map(({ source }) => source)

/** What makes two requests' containers equal, whatever the order their fields were written in. */
const kindOf = (request: SlotRequest, late: boolean): string => {
  const { image, limits, network } = request
  const limited = [limits.cpu ?? null, limits.memoryBytes ?? null, limits.pids ?? null]
  return JSON.stringify([image, network, limited, late ? null : furnishing.placesIn(request)])
}

/** What starts slots and finds those left: the engine, or a runtime of containers without it. */
export interface Containers {
  readonly name: string
  /** Resolves when the slot's init waits for its script. Gone when the scope has closed. */
  readonly start: (
    plan: ContainerPlan,
    image: Image,
    joined: Namespace | undefined
  ) => Effect.Effect<SlotContainer.SlotContainer, SandboxError, Scope.Scope>
  /** Kills all in a slot. Never fails. */
  readonly end: (slot: string) => Effect.Effect<void>
  /** Ids of the slots that an earlier life left, which are gone now. */
  readonly reclaim: Effect.Effect<ReadonlyArray<string>, SandboxError>
}

export const ofEngine = (ground: Ground.Ground): Containers => ({
  name: "docker",
  start: (plan, _, joined) => {
    const start = ground.info.KernelVersion === release() ? SlotContainer.makeBeside : SlotContainer.make
    return start(ground.engine, joined === undefined ? plan : { ...plan, network: `container:${joined.holder}` })
  },
  end: (slot) => SlotContainer.remove(ground.engine.docker.getContainer(`rgrid-${slot}`)),
  reclaim: Effect.succeed([])
})

/** The sandbox on an engine, whatever starts its containers. */
export const over = (ground: Ground.Ground, containers: Containers = ofEngine(ground)): Sandbox["Service"] => {
  const { engine, holders, live, plan, pulls, settings } = ground
  const { user } = plan
  let { placing } = ground
  const isLate = (request: SlotRequest): boolean => placing !== null && request.inPlace !== true

  /** An engine whose processes this runner can't see is found out by its first slot. */
  const furnishedLate = Effect.fnUntraced(function*(connection: InitConnection, slot: furnishing.LateSlot) {
    const helper = placing
    if (helper !== null && (yield* helper.reaches(slot.pid))) return furnishing.late(helper, connection, slot)
    placing = null
    return yield* errors.slotLost(slot.slot, "its mounts can't be changed from here")
  })

  const prepare = Effect.fnUntraced(function*(request: SlotRequest): Effect.fn.Return<Slot, SandboxError, Scope.Scope> {
    const image = yield* ground.image(request.image)
    const joined = request.network === "open" ? yield* holders.take(image.id, request.tenant) : undefined
    const id = yield* Ground.newSlot(live)
    const { stateDirectory } = settings
    const owner = { uid: user.uid, gid: user.gid, onError: errors.fromFiles(stateDirectory) }
    const directory = yield* SlotDirectory.make({ ...owner, stateDirectory, slot: id })
    const holds = isLate(request)
      ? null
      : yield* Effect.tryPromise({ try: () => contents.make(directory, request), catch: owner.onError })
    const names = yield* users.ensure(engine.docker, image.id, user, stateDirectory)
    const planned: ContainerPlan = {
      ...plan,
      slot: id,
      request,
      places: holds === null ? [] : contents.placesOf(holds, request),
      ...(names === undefined ? {} : { users: names })
    }
    const { connection, pid } = yield* containers.start(planned, image, joined)
    // Without its network a script would fail for no reason of its own: it is lost, and tried elsewhere.
    if (joined !== undefined) yield* Effect.forkScoped(Effect.andThen(joined.died, containers.end(id)))
    const furnished = holds === null
      ? yield* furnishedLate(connection, { slot: id, pid, directory, onError: owner.onError })
      : furnishing.fixed(id, connection, request, holds)
    const session = (request: SlotRequest, { outside, workspace }: contents.Contents): Session => ({
      workspace,
      outside,
      ...(furnished.cover === null ? {} : { overlay: { uid: user.uid, gid: user.gid } }),
      own: Effect.andThen(
        own({ ...owner, directories: [workspace, ...outside.values(), ...writable(request)] }),
        furnished.cover ?? Effect.void
      ),
      run: (start) => connection.run(start, request.workdir)
    })
    return {
      id,
      digest: image.id,
      environment: image.environment,
      open: (request) =>
        Effect.map(furnished.open(request), (holds) => {
          joined?.bind(request.tenant)
          return session(request, holds)
        }),
      reset: furnished.reset,
      died: connection.died
    }
  })

  /** Once more, where this slot told that directories can't be had late. */
  const withPlaces = (request: SlotRequest) =>
    Effect.suspend(() => {
      const late = isLate(request)
      return Effect.catch(allOrNothing(prepare(request)), (error) =>
        late && !isLate(request) ? allOrNothing(prepare(request)) : Effect.fail(error))
    })

  const reclaim = Effect.gen(function*() {
    const filters = { label: [`${runnerLabel}=${settings.runnerId}`] }
    const found = yield* engine.call(() => engine.docker.listContainers({ all: true, filters }))
    const old = found.filter(({ Labels }) =>
      !live.has(Labels[slotLabel] ?? "") && !holders.isLive(Labels[holderLabel] ?? "")
    )
    yield* Effect.forEach(old, ({ Id }) => SlotContainer.remove(engine.docker.getContainer(Id)), {
      concurrency: 8,
      discard: true
    })
    const others = yield* containers.reclaim
    const directories = (yield* SlotDirectory.list(settings.stateDirectory)).filter((name) => !live.has(name))
    const slotsDirectory = SlotDirectory.slotsDirectory(settings.stateDirectory)
    yield* Effect.forEach(directories, (name) => SlotDirectory.remove(join(slotsDirectory, name)), { discard: true })
    const slotsFound = old.filter(({ Labels }) => Labels[holderLabel] === undefined)
    return new Set([...slotsFound.map(({ Id, Labels }) => Labels[slotLabel] ?? Id), ...others, ...directories]).size
  })

  return {
    name: containers.name,
    controls: ground.controls,
    kindOf: (request) => kindOf(request, isLate(request)),
    prepare: (request) =>
      withPlaces(request).pipe(
        Effect.tapError(({ reason }) =>
          reason._tag === "ImageNotFound" ? Effect.void : ground.forgetNetwork
        ),
        Effect.withSpan("Sandbox.prepare", { attributes: { image: request.image, sandbox: containers.name } })
      ),
    identify: (image) =>
      Effect.map(ground.image(image), ({ arch, id }) => ({ digest: id, arch })),
    pulling: (image) => Effect.sync(() => pulls.of(image)),
    reclaim
  }
}

/** `Sandbox` on a Docker engine. Fails with `SandboxUnavailable` when the engine is absent or refuses. */
export const layer = (settings: DockerSettings): Layer.Layer<Sandbox, SandboxError> =>
  Layer.effect(Sandbox, Effect.map(Ground.make(settings), (ground) => over(ground)))
