/**
 * Slots made ahead of need. What ran last will likely run next: one slot of its kind is kept ready, made while nobody
 * waits for it.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { Sandbox, type SandboxError, type Slot, type SlotRequest } from "rgrid/ports/Sandbox"

export class Slots extends Context.Service<Slots, {
  /** A slot for one attempt, the ready one if it fits; it is destroyed with the scope, without being waited for. */
  readonly acquire: (request: SlotRequest) => Effect.Effect<Slot, SandboxError, Scope.Scope>
}>()("@rgrid/runner/Slots") {
  /** Attempts at a time; one slot more exists at most. `likely`: what is made ready before anything has run. */
  static readonly layer = (attempts: number, likely: SlotRequest | null = null): Layer.Layer<Slots, never, Sandbox> =>
    Layer.effect(Slots, make(attempts, likely))
}

/** The new slot's making costs the machine what the running script could use: scripts that are over at once go first. */
const refillDelay = "250 millis"

/** What makes two requests equal, whatever the order their fields were written in. */
export const keyOf = ({ image, limits, mounts, network, outside, workdir }: SlotRequest): string =>
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

interface Ready {
  readonly key: string
  readonly scope: Scope.Closeable
  readonly slot: Deferred.Deferred<Slot, SandboxError>
}

class Pool {
  ready: Ready | null = null
  readonly sandbox: Sandbox["Service"]
  readonly permits: Semaphore.Semaphore
  /** Outlives every attempt: destructions and refills run in it. */
  readonly scope: Scope.Scope

  constructor(sandbox: Sandbox["Service"], permits: Semaphore.Semaphore, scope: Scope.Scope) {
    this.sandbox = sandbox
    this.permits = permits
    this.scope = scope
  }

  /** Forgets `ready`; only one caller gets it. */
  take(): Ready | null {
    const ready = this.ready
    this.ready = null
    return ready
  }
}

/** The permit is given back last, when the slot is gone from the machine. */
const prepare = (pool: Pool, request: SlotRequest): Effect.Effect<Slot, SandboxError, Scope.Scope> =>
  Effect.andThen(Semaphore.takeScoped(pool.permits, 1), pool.sandbox.prepare(request))

/** Uninterruptible: the pool's end waits for it, so that no slot survives its runner. */
const destroy = (pool: Pool, { scope }: Pick<Ready, "scope">): Effect.Effect<void> =>
  Effect.asVoid(Effect.forkIn(Effect.uninterruptible(Scope.close(scope, Exit.void)), pool.scope))

/** An idle slot that died is not handed out. */
const watch = (pool: Pool, ready: Ready, slot: Slot): Effect.Effect<void> =>
  slot.died.pipe(
    Effect.andThen(Effect.suspend(() => {
      if (pool.ready !== ready) return Effect.void
      pool.ready = null
      return Effect.andThen(Effect.logInfo("An idle slot died", { slot: slot.id }), destroy(pool, ready))
    })),
    Effect.forkIn(ready.scope),
    Effect.asVoid
  )

const fillReady = (pool: Pool, ready: Ready, request: SlotRequest): Effect.Effect<void> =>
  prepare(pool, request).pipe(
    Scope.provide(ready.scope),
    Effect.onExit((exit) => Deferred.done(ready.slot, exit)),
    Effect.flatMap((slot) => watch(pool, ready, slot)),
    Effect.catch((error) => {
      if (pool.ready === ready) pool.ready = null
      return Effect.andThen(
        Effect.logWarning("No slot could be made ahead", { reason: error.reason._tag }),
        destroy(pool, ready)
      )
    })
  )

/** Has one slot of this kind made, unless one is there or being made; another kind's makes room. */
const refill = (pool: Pool, request: SlotRequest): Effect.Effect<void> =>
  Effect.gen(function*() {
    const key = keyOf(request)
    if (pool.ready?.key === key) return
    const old = pool.take()
    const scope = yield* Scope.fork(pool.scope)
    const ready: Ready = { key, scope, slot: yield* Deferred.make<Slot, SandboxError>() }
    pool.ready = ready
    if (old !== null) yield* destroy(pool, old)
    yield* Effect.forkIn(fillReady(pool, ready, request), scope)
  })

const fromReady = (ready: Ready): Effect.Effect<Slot | null> =>
  Effect.matchEffect(Deferred.await(ready.slot), {
    onFailure: () => Effect.succeed(null),
    onSuccess: (slot) => Effect.succeed(slot)
  })

/**
 * Ends the slot with the attempt: behind its back after a good end, where nothing runs in it any more; else the
 * attempt's end waits, since what follows (another attempt elsewhere) counts on a dead script.
 */
const lend = (pool: Pool, { scope }: Pick<Ready, "scope">): Effect.Effect<void, never, Scope.Scope> =>
  Effect.addFinalizer((exit) => Exit.isSuccess(exit) ? destroy(pool, { scope }) : Scope.close(scope, exit))

const acquire = Effect.fnUntraced(function*(pool: Pool, request: SlotRequest) {
  const ready = pool.take()
  if (ready !== null && ready.key === keyOf(request)) {
    yield* lend(pool, ready)
    const slot = yield* fromReady(ready)
    if (slot !== null) return slot
  } else if (ready !== null) yield* destroy(pool, ready)
  const scope = yield* Scope.fork(pool.scope)
  yield* lend(pool, { scope })
  return yield* Scope.provide(prepare(pool, request), scope)
})

const make = Effect.fnUntraced(function*(attempts: number, likely: SlotRequest | null) {
  const scope = yield* Effect.scope
  const pool = new Pool(yield* Sandbox, yield* Semaphore.make(attempts + 1), scope)
  if (likely !== null) yield* refill(pool, likely)
  return Slots.of({
    acquire: (request) =>
      Effect.gen(function*() {
        // Not for an attempt that was stopped: at the runner's end nothing new is made.
        yield* Effect.addFinalizer((exit) => Exit.hasInterrupts(exit) ? Effect.void : refill(pool, request))
        const slot = yield* acquire(pool, request)
        const later = yield* Effect.forkIn(Effect.delay(refill(pool, request), refillDelay), scope)
        yield* Effect.addFinalizer(() => Fiber.interrupt(later))
        return slot
      })
  })
})
