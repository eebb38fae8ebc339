/** The slots a runner has that no attempt is in: made ahead of need, or resting between the items of a batch. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Sandbox, SandboxError, Slot, SlotRequest } from "rgrid/ports/Sandbox"
import { burst, Demand, remembered } from "./Demand.ts"

/** How long a slot waits for the next item of its batch. */
const patience = "10 seconds"

export interface Place {
  /** As the sandbox has it. */
  readonly kind: string
  /** Of whose attempt it may be; absent: anyone's. */
  readonly tenant: string | undefined
  /** Whose items it serves, and nothing else any more. */
  readonly batch: string | undefined
  readonly scope: Scope.Closeable
  /** Done when it can be opened. */
  readonly slot: Deferred.Deferred<Slot, SandboxError>
}

export class Pool {
  /** Oldest first. */
  idle: ReadonlyArray<Place> = []
  /** Slots with an attempt in them. */
  lent = 0
  readonly demand = new Demand<SlotRequest>()
  readonly sandbox: Sandbox["Service"]
  /** Attempts at a time, and idle slots beside them. */
  readonly attempts: number
  readonly mostIdle: number
  readonly permits: Semaphore.Semaphore
  /** Outlives every attempt: destructions and refills run in it. */
  readonly scope: Scope.Scope

  constructor(sandbox: Sandbox["Service"], attempts: number, scope: Scope.Scope) {
    this.sandbox = sandbox
    this.attempts = attempts
    this.mostIdle = Math.max(1, attempts)
    this.permits = Semaphore.makeUnsafe(attempts + this.mostIdle)
    this.scope = scope
  }

  /** True for the one who gets it. */
  take(place: Place): boolean {
    const before = this.idle.length
    this.idle = this.idle.filter((one) => one !== place)
    return this.idle.length < before
  }

  /** Slots that exist, or are about to. */
  get size(): number {
    return this.idle.length + this.lent
  }

  get isFull(): boolean {
    return this.size >= this.attempts + this.mostIdle
  }

  /** One whose batch it is, before one made ahead; one that is there, before one that is still being made. */
  find({ tenant, ...request }: SlotRequest, batch: string | undefined): Place | undefined {
    const kind = this.sandbox.kindOf(request)
    const fits = this.idle.filter((place) =>
      place.kind === kind && (place.tenant === undefined || place.tenant === tenant)
    )
    const own = batch === undefined ? [] : fits.filter((place) => place.batch === batch)
    const made = fits.filter((place) => place.batch === undefined)
    const isThere = ({ slot }: Place): boolean => Deferred.isDoneUnsafe(slot)
    return own.find(isThere) ?? own[0] ?? made.find(isThere) ?? made[0]
  }
}

/** What is likely to be wanted is told apart by tenant too. */
export const demanded = (kind: string, tenant: string | undefined): string => JSON.stringify([kind, tenant])

/** Uninterruptible: the pool's end waits for it, so that no slot survives its runner. */
export const destroy = (pool: Pool, { scope }: Pick<Place, "scope">): Effect.Effect<void> =>
  Effect.asVoid(Effect.forkIn(Effect.uninterruptible(Scope.close(scope, Exit.void)), pool.scope))

const drop = (pool: Pool, place: Place): Effect.Effect<void> =>
  Effect.suspend(() => pool.take(place) ? destroy(pool, place) : Effect.void)

/** The permit is given back last, when the slot is gone from the machine. */
export const prepare = (pool: Pool, request: SlotRequest): Effect.Effect<Slot, SandboxError, Scope.Scope> =>
  Effect.andThen(Semaphore.takeScoped(pool.permits, 1), pool.sandbox.prepare(request))

/** Idle slots that nobody is likely to want go, so that as many attempts as there are places always find room. */
export const makeRoom = (pool: Pool): Effect.Effect<void> =>
  Effect.suspend(() => {
    const surplus = pool.size + 1 - pool.attempts - pool.mostIdle
    return Effect.forEach(pool.idle.slice(0, Math.max(0, surplus)), (place) => drop(pool, place), { discard: true })
  })

/** An idle slot that died is not handed out. */
const watch = (pool: Pool, place: Place, slot: Slot): Effect.Effect<void> =>
  slot.died.pipe(
    Effect.andThen(drop(pool, place)),
    Effect.forkIn(place.scope),
    Effect.asVoid
  )

const fill = (pool: Pool, place: Place, request: SlotRequest): Effect.Effect<void> =>
  prepare(pool, request).pipe(
    Scope.provide(place.scope),
    Effect.onExit((exit) => Deferred.done(place.slot, exit)),
    Effect.flatMap((slot) => watch(pool, place, slot)),
    Effect.catch((error) =>
      Effect.andThen(
        Effect.logWarning("No slot could be made ahead", { reason: error.reason._tag }),
        drop(pool, place)
      )
    )
  )

const ahead = Effect.fnUntraced(function*(pool: Pool, request: SlotRequest) {
  if (pool.isFull) return
  const kind = pool.sandbox.kindOf(request)
  const scope = yield* Scope.fork(pool.scope)
  const slot = yield* Deferred.make<Slot, SandboxError>()
  const place: Place = { kind, tenant: request.tenant, batch: undefined, scope, slot }
  pool.idle = [...pool.idle, place]
  yield* Effect.forkIn(fill(pool, place, request), scope)
})

/** Has as many idle slots as the demand asks for, and no more. */
export const refill = (pool: Pool): Effect.Effect<void> =>
  Effect.gen(function*() {
    const targets = pool.demand.targets(pool.mostIdle, yield* Clock.currentTimeMillis)
    const made = pool.idle.filter(({ batch }) => batch === undefined)
    const there = Map.groupBy(made, ({ kind, tenant }) => demanded(kind, tenant))
    for (const [key, places] of there) {
      const surplus = places.slice(targets.get(key)?.count ?? 0)
      yield* Effect.forEach(surplus, (place) => drop(pool, place), { discard: true })
    }
    for (const [key, { count, request }] of targets) {
      const lacking = Math.max(0, count - (there.get(key)?.length ?? 0))
      yield* Effect.forEach(Array.from({ length: lacking }), () => ahead(pool, request), { discard: true })
    }
  })

/** For when nothing happens any more: a burst's slots go, then those of forgotten kinds. */
export const trim = (pool: Pool): Effect.Effect<void> =>
  Effect.sleep(burst).pipe(
    Effect.andThen(refill(pool)),
    Effect.andThen(Effect.sleep(remembered - burst)),
    Effect.andThen(refill(pool))
  )

/** After an item of a batch: kept for the next, once it is clean. Whoever comes sooner waits for that. */
export const rest = (pool: Pool, used: Place, slot: Slot): Effect.Effect<void> =>
  Effect.gen(function*() {
    const clean = yield* Deferred.make<Slot, SandboxError>()
    const place: Place = { ...used, slot: clean }
    pool.idle = [...pool.idle, place]
    yield* Effect.as(slot.reset, slot).pipe(
      Effect.onExit((exit) => Deferred.done(clean, exit)),
      Effect.andThen(Effect.raceFirst(slot.died, Effect.sleep(patience))),
      Effect.ignore,
      Effect.andThen(drop(pool, place)),
      Effect.forkIn(pool.scope)
    )
  })
