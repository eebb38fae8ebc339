/** What every sandbox with a Docker engine beneath it shares: images, users, the network, and what a slot is made of. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import type { Control, SandboxError } from "rgrid/ports/Sandbox"
import * as initBinary from "../../slot/initBinary.ts"
import * as Placing from "../../slot/Placing.ts"
import { controls } from "./controls.ts"
import * as Engine from "./Engine.ts"
import * as errors from "./errors.ts"
import * as images from "./images.ts"
import * as Known from "./Known.ts"
import * as namespaces from "./namespaces.ts"
import * as network from "./network.ts"
import { Pulls } from "./Pulls.ts"
import { type DockerSettings, initPath, scriptUserOf } from "./settings.ts"

export interface Ground {
  readonly settings: DockerSettings
  readonly engine: Engine.Engine
  readonly info: Engine.EngineInfo
  /** What is the same in every slot. */
  readonly plan: namespaces.HolderPlan
  readonly holders: namespaces.Namespaces
  /** Null where slots are made with their directories. */
  readonly placing: Placing.Placing | null
  readonly pulls: Pulls
  /** Ids of the slots of this life. */
  readonly live: Set<string>
  /** Pulls it unless it is there. */
  readonly image: (image: string) => Effect.Effect<images.Image, SandboxError>
  readonly controls: Effect.Effect<ReadonlyArray<Control>>
  /** After a failure: the network may have been removed under us. */
  readonly forgetNetwork: Effect.Effect<void>
}

/** An id, live until the scope ends. */
export const newSlot = (live: Set<string>): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const id = `slot-${randomBytes(8).toString("hex")}`
      live.add(id)
      return id
    }),
    (id) => Effect.sync(() => live.delete(id))
  )

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

/** Without its comments and spaces: the engine is sent it with every container. */
const seccompText: Effect.Effect<string, SandboxError> = Effect.tryPromise({
  try: async () => JSON.stringify(JSON.parse(await readFile(initBinary.seccompProfile, "utf8"))),
  catch: errors.fromFiles(initBinary.seccompProfile)
})

/** On the engine at `settings.socketPath`; its network goes with the scope. */
export const make = Effect.fnUntraced(function*(
  settings: DockerSettings
): Effect.fn.Return<Ground, SandboxError, Scope.Scope> {
  const engine = Engine.make(settings)
  const info = yield* engine.info
  const slots = yield* network.make(engine.docker, settings, engine.call)
  const plan: namespaces.HolderPlan = {
    settings,
    user: scriptUserOf(process.getuid?.() ?? -1, process.getgid?.() ?? -1),
    initBinary: yield* installInit(settings, info),
    seccomp: yield* seccompText,
    network: slots.name,
    cores: info.NCPU
  }
  const holders = yield* namespaces.make(engine, plan, slots.ensure)
  const pulls = new Pulls()
  const known = yield* Known.make(engine)
  return {
    settings,
    engine,
    info,
    plan,
    holders,
    placing: yield* Placing.make(settings.stateDirectory, initPath),
    pulls,
    live: new Set(),
    image: (image) => images.ensure(engine, known, pulls, image, settings.stateDirectory),
    controls: Effect.map(slots.refusal, (egressRefusal) =>
      controls({
        securityOptions: info.SecurityOptions ?? [],
        memoryLimit: info.MemoryLimit,
        swapLimit: info.SwapLimit,
        cpuQuota: info.CpuCfsQuota,
        pidsLimit: info.PidsLimit,
        user: plan.user,
        egressRefusal,
        allowPrivateNetworks: settings.allowPrivateNetworks
      })),
    forgetNetwork: Effect.andThen(slots.forget, holders.forget)
  }
})
