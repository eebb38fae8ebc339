/** The one network of a runner's slots: a bridge on which slots don't see each other, egress rules around it. */
import type Docker from "dockerode"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { createHash } from "node:crypto"
import type { SandboxError } from "rgrid/ports/Sandbox"
import * as egress from "./egress.ts"
import { describe, isStatus } from "./errors.ts"
import { type DockerSettings, runnerLabel } from "./settings.ts"

export interface SlotNetwork {
  readonly name: string
  /** Makes the network and its rules unless they are there. Idempotent; blocks about 100 ms the first time. */
  readonly ensure: Effect.Effect<void, SandboxError>
  /** The network was removed under us: the next `ensure` makes it again. */
  readonly forget: Effect.Effect<void>
  /** Why the egress rules are not enforced on this machine; `undefined` when they are. */
  readonly refusal: Effect.Effect<string | undefined>
}

/** Interface names have at most 15 characters. */
const shortName = (runnerId: string): string => createHash("sha256").update(runnerId).digest("hex").slice(0, 10)

export const bridgeName = (runnerId: string): string => `rg${shortName(runnerId)}`

export const networkName = (runnerId: string): string => `rgrid-${runnerId}`

const options = ({ runnerId }: DockerSettings) => ({
  Name: networkName(runnerId),
  Driver: "bridge",
  CheckDuplicate: true,
  Labels: { [runnerLabel]: runnerId },
  Options: {
    "com.docker.network.bridge.name": bridgeName(runnerId),
    "com.docker.network.bridge.enable_icc": "false"
  }
})

/** Two runners' lives may overlap for a moment: that it exists already is fine. */
const create = (docker: Docker, settings: DockerSettings): Promise<unknown> =>
  docker.createNetwork(options(settings)).catch((cause: unknown) => {
    if (isStatus(cause, 409) || /already (exists|in use)/i.test(describe(cause).message)) return
    throw cause
  })

/** The network goes with the scope, unless a slot of another life still uses it. */
export const make = Effect.fnUntraced(function*(
  docker: Docker,
  settings: DockerSettings,
  call: <A>(use: (signal: AbortSignal) => Promise<A>) => Effect.Effect<A, SandboxError>
): Effect.fn.Return<SlotNetwork, never, Scope.Scope> {
  const policy: egress.EgressPolicy = {
    bridge: bridgeName(settings.runnerId),
    chain: `RGRID-${shortName(settings.runnerId)}`,
    allowPrivateNetworks: settings.allowPrivateNetworks,
    resolvers: yield* egress.resolvers
  }
  const lock = yield* Semaphore.make(1)
  let there = false
  let made = false
  const ensure = Effect.gen(function*() {
    if (there) return
    yield* egress.enforce(policy)
    yield* call(() => create(docker, settings))
    there = true
    made = true
  }).pipe(lock.withPermits(1), Effect.uninterruptible)
  yield* Effect.addFinalizer(() =>
    call(() => docker.getNetwork(networkName(settings.runnerId)).remove()).pipe(
      Effect.andThen(egress.lift(policy)),
      Effect.ignore,
      Effect.when(Effect.sync(() => made))
    )
  )
  return {
    name: networkName(settings.runnerId),
    ensure,
    forget: Effect.sync(() => {
      there = false
    }),
    refusal: Effect.suspend(() => there ? egress.enforce(policy) : egress.obstacle)
  }
})
