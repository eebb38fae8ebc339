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
import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Sandbox, type SandboxError, type Session, type Slot, type SlotRequest } from "rgrid/ports/Sandbox"
import { allOrNothing } from "../../slot/allOrNothing.ts"
import * as contents from "../../slot/contents.ts"
import * as furnishing from "../../slot/furnishing.ts"
import type { InitConnection } from "../../slot/InitConnection.ts"
import * as initBinary from "../../slot/initBinary.ts"
import { own } from "../../slot/own.ts"
import * as Placing from "../../slot/Placing.ts"
import * as SlotDirectory from "../../slot/SlotDirectory.ts"
import { controls } from "./controls.ts"
import * as Engine from "./Engine.ts"
import * as errors from "./errors.ts"
import * as images from "./images.ts"
import * as network from "./network.ts"
import { Pulls } from "./Pulls.ts"
import { type DockerSettings, initPath, runnerLabel, scriptUserOf, slotLabel } from "./settings.ts"
import * as SlotContainer from "./SlotContainer.ts"
import * as users from "./users.ts"

export type { DockerSettings } from "./settings.ts"

const newSlotId = (): string => `slot-${randomBytes(8).toString("hex")}`

const installInit = (settings: DockerSettings, info: Engine.EngineInfo): Effect.Effect<string, SandboxError> => {
  const source = initBinary.prebuilt(info.Architecture)
  if (info.OSType !== "linux" || source === undefined) {
    const machine = `${info.OSType} on ${info.Architecture}`
    return Effect.fail(errors.unavailable(`The engine runs ${machine}; slots need Linux on x64 or arm64.`))
  }
  return Effect.tryPromise({
    try: () => initBinary.install(settings.stateDirectory, source),
    catch: errors.fromFiles(settings.stateDirectory)
  })
}

const writable = ({ mounts }: SlotRequest): ReadonlyArray<string> =>
  (mounts ?? []).filter(({ writable }) => writable).map(({ source }) => source)

/** What makes two requests' containers equal, whatever the order their fields were written in. */
const kindOf = (request: SlotRequest, late: boolean): string => {
  const { image, limits, network } = request
  const limited = [limits.cpu ?? null, limits.memoryBytes ?? null, limits.pids ?? null]
  return JSON.stringify([image, network, limited, late ? null : furnishing.placesIn(request)])
}

/** Without its comments and spaces: the engine is sent it with every container. */
const seccompText: Effect.Effect<string, SandboxError> = Effect.tryPromise({
  try: async () => JSON.stringify(JSON.parse(await readFile(initBinary.seccompProfile, "utf8"))),
  catch: errors.fromFiles(initBinary.seccompProfile)
})

/** The sandbox on the engine at `settings.socketPath`; its network goes with the scope. */
export const make = Effect.fnUntraced(function*(
  settings: DockerSettings
): Effect.fn.Return<Sandbox["Service"], SandboxError, Scope.Scope> {
  const engine = Engine.make(settings)
  const info = yield* engine.info
  const init = yield* installInit(settings, info)
  const seccomp = yield* seccompText
  const user = scriptUserOf(process.getuid?.() ?? -1, process.getgid?.() ?? -1)
  const slots = yield* network.make(engine.docker, settings, engine.call)
  const live = new Set<string>()
  const pulls = new Pulls()
  let placing = yield* Placing.make(settings.stateDirectory, initPath)
  const isLate = (request: SlotRequest): boolean => placing !== null && request.inPlace !== true

  /** An engine whose processes this runner can't see is found out by its first slot. */
  const furnishedLate = Effect.fnUntraced(function*(connection: InitConnection, slot: furnishing.LateSlot) {
    const helper = placing
    if (helper !== null && (yield* helper.reaches(slot.pid))) return furnishing.late(helper, connection, slot)
    placing = null
    return yield* errors.slotLost(slot.slot, "its mounts can't be changed from here")
  })

  const prepare = Effect.fnUntraced(function*(request: SlotRequest): Effect.fn.Return<Slot, SandboxError, Scope.Scope> {
    const image = yield* images.ensure(engine, pulls, request.image, settings.stateDirectory)
    if (request.network === "open") yield* slots.ensure
    const id = newSlotId()
    yield* Effect.acquireRelease(Effect.sync(() => live.add(id)), () => Effect.sync(() => live.delete(id)))
    const { stateDirectory } = settings
    const owner = { uid: user.uid, gid: user.gid, onError: errors.fromFiles(stateDirectory) }
    const directory = yield* SlotDirectory.make({ ...owner, stateDirectory, slot: id })
    const holds = isLate(request)
      ? null
      : yield* Effect.tryPromise({ try: () => contents.make(directory, request), catch: owner.onError })
    const names = yield* users.ensure(engine.docker, image.id, user, stateDirectory)
    const { connection, pid } = yield* SlotContainer.make(engine, {
      slot: id,
      request,
      settings,
      user,
      places: holds === null ? [] : contents.placesOf(holds, request),
      ...(names === undefined ? {} : { users: names }),
      initBinary: init,
      seccomp,
      network: slots.name,
      cores: info.NCPU
    })
    const furnished = holds === null
      ? yield* furnishedLate(connection, { slot: id, pid, directory, onError: owner.onError })
      : furnishing.fixed(id, connection, request, holds)
    const session = (request: SlotRequest, { outside, workspace }: contents.Contents): Session => ({
      workspace,
      outside,
      own: own({ ...owner, directories: [workspace, ...outside.values(), ...writable(request)] }),
      run: (start) => connection.run(start, request.workdir)
    })
    return {
      id,
      digest: image.id,
      environment: image.environment,
      open: (request) => Effect.map(furnished.open(request), (holds) => session(request, holds)),
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
    const old = found.filter(({ Labels }) => !live.has(Labels[slotLabel] ?? ""))
    yield* Effect.forEach(old, ({ Id }) => SlotContainer.remove(engine.docker.getContainer(Id)), {
      concurrency: 8,
      discard: true
    })
    const directories = (yield* SlotDirectory.list(settings.stateDirectory)).filter((name) => !live.has(name))
    const slotsDirectory = SlotDirectory.slotsDirectory(settings.stateDirectory)
    yield* Effect.forEach(directories, (name) => SlotDirectory.remove(join(slotsDirectory, name)), { discard: true })
    return new Set([...old.map(({ Id, Labels }) => Labels[slotLabel] ?? Id), ...directories]).size
  })

  return {
    name: "docker",
    controls: Effect.map(slots.refusal, (egressRefusal) =>
      controls({
        securityOptions: info.SecurityOptions ?? [],
        memoryLimit: info.MemoryLimit,
        swapLimit: info.SwapLimit,
        cpuQuota: info.CpuCfsQuota,
        pidsLimit: info.PidsLimit,
        user,
        egressRefusal,
        allowPrivateNetworks: settings.allowPrivateNetworks
      })),
    kindOf: (request) => kindOf(request, isLate(request)),
    prepare: (request) =>
      withPlaces(request).pipe(
        Effect.tapError(() => slots.forget),
        Effect.withSpan("DockerSandbox.prepare", { attributes: { image: request.image } })
      ),
    identify: (image) =>
      Effect.map(images.ensure(engine, pulls, image, settings.stateDirectory), ({ arch, id }) => ({ digest: id, arch })),
    pulling: (image) => Effect.sync(() => pulls.of(image)),
    reclaim
  }
})

/** `Sandbox` on a Docker engine. Fails with `SandboxUnavailable` when the engine is absent or refuses. */
export const layer = (settings: DockerSettings): Layer.Layer<Sandbox, SandboxError> =>
  Layer.effect(Sandbox, make(settings))
