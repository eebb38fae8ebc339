/**
 * Network namespaces made ahead: making one is two thirds of a container's start, joining one costs nothing.
 *
 * Each is held by a container of ours in which nothing but the init ever runs. One slot at a time is in it, and after
 * the first only slots of that one's tenant: what a script leaves there (half-closed connections, neighbours) is its
 * tenant's own.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import type { SandboxError } from "rgrid/ports/Sandbox"
import { type ContainerPlan, holderOptions } from "./container.ts"
import type { Engine } from "./Engine.ts"
import { type NamespaceHandle, openNamespace } from "./namespaceHandle.ts"
import * as SlotContainer from "./SlotContainer.ts"

/** So long one waits for its tenant's next slot. */
const patience = "2 minutes"

/** More than this are not kept waiting. */
const mostIdle = 8

/** After a slot has taken the last free one. Its script has the machine to itself until then. */
const spareDelay = "1 second"

export interface Namespace {
  /** Name of the container that holds it. */
  readonly holder: string
  /** For whoever joins it without the engine. */
  readonly handle: Effect.Effect<NamespaceHandle, SandboxError>
  /** Completes when its holder is gone, and the network with it. */
  readonly died: Effect.Effect<void>
  /** From here on it is this tenant's; without one, nobody gets it next. */
  readonly bind: (tenant: string | undefined) => void
}

export interface Namespaces {
  /** One that no other slot is in while the scope is open. Blocks about 300 ms unless one is free. */
  readonly take: (image: string, tenant: string | undefined) => Effect.Effect<Namespace, SandboxError, Scope.Scope>
  /** Those free go: what they are attached to may be gone. */
  readonly forget: Effect.Effect<void>
  /** By its label, whether a holder is of this life. */
  readonly isLive: (label: string) => boolean
}

interface Held extends Namespace {
  readonly scope: Scope.Closeable
  owner: { readonly tenant: string | undefined } | undefined
  isDead: boolean
  /** Ends it when it dies or nobody wants it for long. */
  watch: Fiber.Fiber<void> | undefined
}

const isFree = ({ isDead, owner }: Held, tenant: string | undefined): boolean =>
  !isDead && (owner === undefined || (tenant !== undefined && owner.tenant === tenant))

class Holders {
  readonly live = new Set<string>()
  /** Longest idle first. */
  private free: ReadonlyArray<Held> = []

  /** The tenant's own before one that is nobody's yet. */
  take(tenant: string | undefined): Held | undefined {
    const fits = this.free.filter((held) => isFree(held, tenant))
    const found = fits.findLast(({ owner }) => owner !== undefined) ?? fits.at(-1)
    if (found !== undefined) this.remove(found)
    return found
  }

  get hasSpare(): boolean {
    return this.free.some(({ owner }) => owner === undefined)
  }

  /** Answers those too many. */
  put(held: Held): ReadonlyArray<Held> {
    const all = [...this.free, held]
    this.free = all.slice(-mostIdle)
    return all.slice(0, -mostIdle)
  }

  /** False when somebody has it. */
  remove(held: Held): boolean {
    const before = this.free.length
    this.free = this.free.filter((one) => one !== held)
    return this.free.length < before
  }

  clear(): ReadonlyArray<Held> {
    const all = this.free
    this.free = []
    return all
  }
}

const drop = ({ scope }: Held): Effect.Effect<void> => Scope.close(scope, Exit.void)

/** What a holder is made with: any local image will do, for nothing of it runs. */
export type HolderPlan = Omit<ContainerPlan, "slot" | "request" | "places">

/** Resolves when the holder's init answers: its network is there then. */
const hold = Effect.fnUntraced(function*(
  engine: Engine,
  base: HolderPlan,
  image: string,
  live: Set<string>,
  scope: Scope.Closeable
) {
  const label = `net-${randomBytes(8).toString("hex")}`
  yield* Effect.acquireRelease(Effect.sync(() => live.add(label)), () => Effect.sync(() => live.delete(label)))
  const request = { image, workdir: "/", outside: [], limits: {}, network: "open" as const }
  const plan = { ...base, slot: label, request, places: [] }
  const { connection } = yield* SlotContainer.make(engine, plan, holderOptions(plan))
  const holder = `rgrid-${label}`
  const held: Held = {
    holder,
    handle: yield* Effect.cached(Scope.provide(openNamespace(engine, holder), scope)),
    died: connection.died,
    scope,
    owner: undefined,
    isDead: false,
    watch: undefined,
    bind: (tenant) => {
      held.owner = { tenant }
    }
  }
  yield* connection.died.pipe(
    Effect.andThen(Effect.sync(() => {
      held.isDead = true
    })),
    Effect.forkIn(scope)
  )
  return held
})

/** They go with the scope. `ready`: makes the network they are attached to, unless it is there. */
export const make = Effect.fnUntraced(function*(
  engine: Engine,
  plan: HolderPlan,
  ready: Effect.Effect<void, SandboxError>
): Effect.fn.Return<Namespaces, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const holders = new Holders()

  const fresh = Effect.fnUntraced(function*(image: string) {
    yield* ready
    const own = yield* Scope.fork(scope)
    return yield* hold(engine, plan, image, holders.live, own).pipe(
      Scope.provide(own),
      Effect.onExit((exit) => Exit.isFailure(exit) ? Scope.close(own, exit) : Effect.void)
    )
  })

  const keep = Effect.fnUntraced(function*(held: Held) {
    yield* Effect.forEach(holders.put(held), drop, { discard: true })
    held.watch = yield* Effect.raceFirst(held.died, Effect.sleep(patience)).pipe(
      Effect.andThen(Effect.suspend(() => holders.remove(held) ? drop(held) : Effect.void)),
      Effect.forkIn(scope)
    )
  })

  const spare = (image: string): Effect.Effect<void> =>
    Effect.sleep(spareDelay).pipe(
      Effect.andThen(Effect.suspend(() => holders.hasSpare ? Effect.void : Effect.flatMap(fresh(image), keep))),
      Effect.ignore,
      Effect.forkIn(scope),
      Effect.asVoid
    )

  const taken = Effect.fnUntraced(function*(image: string, tenant: string | undefined) {
    const held = holders.take(tenant)
    if (held?.watch !== undefined) yield* Fiber.interrupt(held.watch)
    if (held?.owner === undefined) yield* spare(image)
    return held ?? (yield* fresh(image))
  })

  /** After a failure it may be the reason. */
  const giveBack = (held: Held, exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> => {
    const isNobodys = held.owner !== undefined && held.owner.tenant === undefined
    return Exit.isFailure(exit) || isNobodys ? drop(held) : keep(held)
  }

  return {
    take: (image, tenant) => Effect.acquireRelease(taken(image, tenant), giveBack),
    forget: Effect.suspend(() => Effect.forEach(holders.clear(), drop, { discard: true })),
    isLive: (label) => holders.live.has(label)
  }
})
