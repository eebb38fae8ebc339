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
import { Sandbox, type SandboxError, type Slot, type SlotRequest, type SlotStart } from "rgrid/ports/Sandbox"
import { allOrNothing } from "../../slot/allOrNothing.ts"
import * as contents from "../../slot/contents.ts"
import * as initBinary from "../../slot/initBinary.ts"
import * as SlotDirectory from "../../slot/SlotDirectory.ts"
import { controls } from "./controls.ts"
import * as Engine from "./Engine.ts"
import * as errors from "./errors.ts"
import * as images from "./images.ts"
import * as network from "./network.ts"
import { Pulls } from "./Pulls.ts"
import { type DockerSettings, runnerLabel, scriptUserOf, slotLabel } from "./settings.ts"
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

/** Everything mounted in the slot that is the runner's to empty, or to leave. */
const runners = ({ mounts, outside, workdir }: SlotRequest): ReadonlyArray<string> => [
  workdir,
  ...outside,
  ...(mounts ?? []).map(({ at }) => at)
]

const writable = ({ mounts }: SlotRequest): ReadonlyArray<string> =>
  (mounts ?? []).filter(({ writable }) => writable).map(({ source }) => source)

/** What makes two requests' containers equal, whatever the order their fields were written in. */
const kindOf = ({ image, limits, mounts, network, outside, workdir }: SlotRequest): string =>
  JSON.stringify([
    image,
    workdir,
    outside,
    (mounts ?? []).map(({ at, source, writable }) => [at, source, writable]),
    network,
    limits.cpu ?? null,
    limits.memoryBytes ?? null,
    limits.pids ?? null
  ])

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

  const prepare = Effect.fnUntraced(function*(request: SlotRequest): Effect.fn.Return<Slot, SandboxError, Scope.Scope> {
    const image = yield* images.ensure(engine, pulls, request.image, settings.stateDirectory)
    if (request.network === "open") yield* slots.ensure
    const id = newSlotId()
    yield* Effect.acquireRelease(Effect.sync(() => live.add(id)), () => Effect.sync(() => live.delete(id)))
    const { stateDirectory } = settings
    const owner = { uid: user.uid, gid: user.gid, onError: errors.fromFiles(stateDirectory) }
    const directory = yield* SlotDirectory.make({ ...owner, stateDirectory, slot: id })
    const holds = yield* Effect.tryPromise({ try: () => contents.make(directory, request), catch: owner.onError })
    const { openRoot, outside, workspace } = holds
    const names = yield* users.ensure(engine.docker, image.id, user, stateDirectory)
    const connection = yield* SlotContainer.make(engine, {
      slot: id,
      request,
      settings,
      user,
      workspace,
      outside,
      ...(openRoot === undefined ? {} : { openRoot }),
      ...(names === undefined ? {} : { users: names }),
      initBinary: init,
      seccomp,
      network: slots.name,
      cores: info.NCPU
    })
    const session = {
      workspace,
      outside,
      own: SlotDirectory.own({ ...owner, directories: [workspace, ...outside.values(), ...writable(request)] }),
      run: (start: SlotStart) => connection.run(start, request.workdir)
    }
    return {
      id,
      digest: image.id,
      environment: image.environment,
      open: () => Effect.succeed(session),
      reset: Effect.andThen(connection.reset(runners(request)), contents.empty(id, holds)),
      died: connection.died
    }
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
    kindOf,
    prepare: (request) =>
      allOrNothing(prepare(request)).pipe(
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
