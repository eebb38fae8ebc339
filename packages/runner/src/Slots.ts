/**
 * Slots made ahead of need, and those that a batch's items follow each other in. What ran last will likely run next:
 * slots of its kind are kept ready, made while nobody waits for them.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Sandbox, type SandboxError, type Session, type Slot, type SlotRequest } from "rgrid/ports/Sandbox"
import { allOrNothing } from "./slot/allOrNothing.ts"
import { demanded, destroy, makeRoom, Pool, type Place, prepare, refill, rest, trim } from "./pool/Pool.ts"

/** A slot, opened for one attempt. */
export type OpenSlot = Session & Pick<Slot, "id" | "digest" | "environment">

export class Slots extends Context.Service<Slots, {
  /**
   * A slot for one attempt, a ready one if one fits; it is destroyed with the scope, without being waited for. With
   * `batch`, items of the same batch, account and kind may get it next, reset.
   */
  readonly acquire: (request: SlotRequest, batch?: string) => Effect.Effect<OpenSlot, SandboxError, Scope.Scope>
}>()("@rgrid/runner/Slots") {
  /** Attempts at a time; as many idle slots exist at most. `likely`: what is made ready before anything has run. */
  static readonly layer = (attempts: number, likely: SlotRequest | null = null): Layer.Layer<Slots, never, Sandbox> =>
    Layer.effect(Slots, make(attempts, likely))
}

/** The new slot's making costs the machine what the running script could use: scripts that are over at once go first. */
const refillDelay = "250 millis"

/** After a good end nothing runs in it any more, and what becomes of it is nobody's to wait for. */
const giveBack = (pool: Pool, place: Place): Effect.Effect<void> =>
  place.batch === undefined || !Deferred.isDoneUnsafe(place.slot)
    ? destroy(pool, place)
    : Effect.matchEffect(Deferred.await(place.slot), {
      onFailure: () => destroy(pool, place),
      onSuccess: (slot) => rest(pool, place, slot)
    })

/** After any other end the attempt's own waits: what follows (another attempt elsewhere) counts on a dead script. */
const lend = (pool: Pool, place: Place): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => pool.lent++),
    (_, exit) =>
      Effect.suspend(() => {
        pool.lent--
        return Exit.isSuccess(exit) ? giveBack(pool, place) : Scope.close(place.scope, exit)
      })
  ))

/** For this request, that is: one made for it may still do. */
class NotOpened extends Data.TaggedError("NotOpened")<{ readonly error: SandboxError }> {}

/** A slot made of an image whose name has come to stand for another is of the past. What can't be asked, the next to ask tells. */
const isCurrent = ({ sandbox }: Pool, { image }: SlotRequest, { digest }: Slot): Effect.Effect<boolean> =>
  digest === null ? Effect.succeed(true) : sandbox.identify(image, "").pipe(
    Effect.map((now) => now.digest === digest),
    Effect.orElseSucceed(() => true)
  )

/** The first that may serve; what is in its way goes. */
const ready = Effect.fnUntraced(function*(pool: Pool, request: SlotRequest, batch: string | undefined) {
  const scope = yield* Effect.scope
  for (let place = pool.find(request, batch); place !== undefined; place = pool.find(request, batch)) {
    if (!pool.take(place)) return null
    const own = yield* Scope.fork(scope)
    yield* lend(pool, { ...place, tenant: request.tenant, batch }).pipe(Scope.provide(own))
    const slot = yield* Effect.orElseSucceed(Deferred.await(place.slot), () => null)
    if (slot === null || (yield* isCurrent(pool, request, slot))) return slot
    // Nobody waits for its end, but a batch's would be kept for the next item.
    yield* Scope.close(own, batch === undefined ? Exit.void : Exit.interrupt())
  }
  return null
})

const fresh = Effect.fnUntraced(function*(pool: Pool, request: SlotRequest, batch: string | undefined) {
  yield* makeRoom(pool)
  const scope = yield* Scope.fork(pool.scope)
  const slot = yield* Deferred.make<Slot, SandboxError>()
  yield* lend(pool, { kind: pool.sandbox.kindOf(request), tenant: request.tenant, batch, scope, slot })
  return yield* prepare(pool, request).pipe(
    Scope.provide(scope),
    Effect.onExit((exit) => Deferred.done(slot, exit))
  )
})

const openIn = (request: SlotRequest, slot: Slot): Effect.Effect<OpenSlot, SandboxError> => {
  const { digest, environment, id } = slot
  return Effect.map(slot.open(request), (session) => ({ id, digest, environment, ...session }))
}

/** What could not be opened is destroyed at once. */
const opened = Effect.fnUntraced(function*(pool: Pool, request: SlotRequest, batch: string | undefined) {
  const found = yield* allOrNothing(Effect.gen(function*() {
    const slot = (yield* ready(pool, request, batch)) ?? (yield* fresh(pool, request, batch))
    return yield* Effect.mapError(openIn(request, slot), (error) => new NotOpened({ error }))
  })).pipe(Effect.catchTag("NotOpened", ({ error }) => request.inPlace === true ? Effect.fail(error) : Effect.succeed(null)))
  if (found !== null) return found
  const inPlace = { ...request, inPlace: true }
  return yield* openIn(inPlace, yield* fresh(pool, inPlace, batch))
})

/** Counts as demand while the scope is open. */
const want = (pool: Pool, request: SlotRequest): Effect.Effect<void, never, Scope.Scope> => {
  const key = demanded(pool.sandbox.kindOf(request), request.tenant)
  return Effect.asVoid(Effect.acquireRelease(
    Effect.map(Clock.currentTimeMillis, (now) => pool.demand.begin(key, request, now)),
    () => Effect.map(Clock.currentTimeMillis, (now) => pool.demand.end(key, now))
  ))
}

const make = Effect.fnUntraced(function*(attempts: number, likely: SlotRequest | null) {
  const scope = yield* Effect.scope
  const pool = new Pool(yield* Sandbox, attempts, scope)
  const trimming = yield* FiberHandle.make()
  if (likely !== null) {
    yield* Effect.scoped(want(pool, likely))
    yield* refill(pool)
  }
  const later = Effect.andThen(refill(pool), FiberHandle.run(trimming, trim(pool)))
  return Slots.of({
    acquire: (request, batch) =>
      Effect.gen(function*() {
        // Not for an attempt that was stopped: at the runner's end nothing new is made.
        yield* Effect.addFinalizer((exit) => Exit.hasInterrupts(exit) ? Effect.void : later)
        yield* want(pool, request)
        const slot = yield* opened(pool, request, batch)
        const soon = yield* Effect.forkIn(Effect.delay(refill(pool), refillDelay), scope)
        yield* Effect.addFinalizer(() => Fiber.interrupt(soon))
        return slot
      })
  })
})
