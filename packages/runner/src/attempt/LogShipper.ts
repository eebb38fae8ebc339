/**
 * Takes a script's output and brings it to the server: at once while nothing is in flight, else whatever came meanwhile
 * when the answer is there. One request at a time, no timer. The server's word on the log's length is where to go on,
 * also when it is behind what was acknowledged: its memory may have died with it.
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Sha256 } from "rgrid/domain/JobSpec"
import type { OutputChunk } from "rgrid/ports/Sandbox"
import { type AttemptClient, Lost, type Stale } from "./AttemptClient.ts"
import type { FileTrouble } from "./FileTrouble.ts"
import * as framing from "./framing.ts"
import * as masking from "./masking.ts"
import * as Spool from "./Spool.ts"

/** One request's worth in a flood. */
const mostPerRequest = 1024 * 1024

/** What is not shipped yet stays below this, then the script's writes wait. */
const mostWaiting = 64 * 1024 * 1024

/** A rest of this size goes with the settlement. */
const inlineBytes = 64 * 1024

export interface LogShipper {
  /** Frames all of a script's output; returns after its last byte is spooled. Waits while the server is far behind. */
  readonly consume: <E>(output: Stream.Stream<OutputChunk, E>) => Effect.Effect<void, E | FileTrouble>
  /** Ships until all is told but what goes with the settlement. Runs beside `consume`; may be run again. */
  readonly ship: Effect.Effect<void, Stale | Lost | FileTrouble>
  /** Nothing more will be said: for an attempt whose script never ran. `consume` does it by itself. */
  readonly end: Effect.Effect<void>
  /** The server's log ends elsewhere. */
  readonly goOnFrom: (length: number) => Effect.Effect<void, Lost>
  /** The end of what the script wrote to stderr, masked. Only after `consume`. */
  readonly stderrTail: Effect.Effect<string>
  /** What the settlement says of the log. Only after `ship`. */
  readonly summary: Effect.Effect<LogSummary, FileTrouble>
}

export interface LogSummary {
  readonly stdoutBytes: number
  readonly stderrBytes: number
  readonly length: number
  readonly sha256: Sha256
  readonly tail: { readonly offset: number; readonly frames: Uint8Array }
}

export interface ShipperOptions {
  readonly client: Pick<AttemptClient, "append">
  readonly spool: string
  readonly secrets: Readonly<Record<string, string>>
  /** So long output waits for more, and for the end, which may take it along. Absent: not at all. */
  readonly patience?: Duration.Input
}

const nowMicros = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1000n))

class Shipping {
  readonly framer: framing.Framer
  /** Something to ship, or the end. */
  readonly more = Latch.makeUnsafe(false)
  /** Nothing more will be said. */
  readonly over = Latch.makeUnsafe(false)
  /** The server is not too far behind. */
  readonly room = Latch.makeUnsafe(true)
  acknowledged = 0
  inFlight = false
  ended = false
  readonly turn = Semaphore.makeUnsafe(1)
  readonly spool: Spool.Spool
  readonly client: ShipperOptions["client"]
  readonly patience: ShipperOptions["patience"]

  constructor(spool: Spool.Spool, options: ShipperOptions) {
    this.spool = spool
    this.client = options.client
    this.patience = options.patience
    this.framer = framing.make(masking.maskable(Object.values(options.secrets)))
  }

  /** Opens what may go on and closes what may not: called after every change. */
  signal(): void {
    const waiting = this.spool.length() - this.acknowledged
    if (waiting > 0 || this.ended) this.more.openUnsafe()
    else this.more.closeUnsafe()
    if (waiting < mostWaiting) this.room.openUnsafe()
    else this.room.closeUnsafe()
  }

  /** Makes frames and stores them, one after the other: their order in the spool is the order they were counted in. */
  store(frames: () => ReadonlyArray<Uint8Array>): Effect.Effect<void, FileTrouble> {
    return Effect.suspend(() => this.spool.append(frames())).pipe(
      Effect.tap(() => Effect.sync(() => this.signal())),
      this.turn.withPermit
    )
  }
}

const take = (state: Shipping, chunks: ReadonlyArray<OutputChunk>): Effect.Effect<void, FileTrouble> =>
  Effect.gen(function*() {
    yield* state.room.await
    const time = yield* nowMicros
    yield* state.store(() => {
      const frames = chunks.flatMap((chunk) => state.framer.push(chunk, time))
      // While a request is in flight nothing can be sent anyway: neighbours join into fewer frames.
      return state.inFlight ? frames : [...frames, ...state.framer.flush()]
    })
  })

const end = (state: Shipping): Effect.Effect<void> =>
  Effect.sync(() => {
    state.ended = true
    state.over.openUnsafe()
    state.signal()
  })

const consume = <E>(state: Shipping, output: Stream.Stream<OutputChunk, E>): Effect.Effect<void, E | FileTrouble> =>
  Stream.runForEachArray(output, (chunks) => take(state, chunks)).pipe(
    Effect.andThen(nowMicros),
    Effect.flatMap((time) => state.store(() => state.framer.end(time))),
    // Also after a failure: what was said before it is shipped, and nobody waits for more.
    Effect.ensuring(end(state))
  )

const goOnFrom = (state: Shipping, length: number): Effect.Effect<void, Lost> =>
  Effect.suspend(() => {
    if (length > state.spool.length()) {
      return Effect.fail(new Lost({ detail: `The server has ${length} bytes of a log of ${state.spool.length()}.` }))
    }
    state.acknowledged = length
    state.signal()
    return Effect.void
  })

const post = (state: Shipping): Effect.Effect<void, Stale | Lost | FileTrouble> =>
  Effect.gen(function*() {
    const offset = state.acknowledged
    const frames = yield* state.spool.read(offset, mostPerRequest)
    const length = yield* state.client.append(offset, frames).pipe(
      Effect.catchTag("LogOffsetMismatch", (mismatch) => Effect.succeed(mismatch.length))
    )
    yield* goOnFrom(state, length)
  })

/** What waited in the framer for this request's answer belongs into the next one. */
const postOne = (state: Shipping): Effect.Effect<void, Stale | Lost | FileTrouble> =>
  Effect.suspend(() => {
    state.inFlight = true
    return post(state)
  }).pipe(
    Effect.ensuring(Effect.sync(() => {
      state.inFlight = false
    })),
    Effect.andThen(Effect.suspend(() => state.store(() => state.framer.flush())))
  )

const ship = (state: Shipping): Effect.Effect<void, Stale | Lost | FileTrouble> =>
  Effect.gen(function*() {
    while (true) {
      yield* state.more.await
      if (state.patience !== undefined) yield* Effect.raceFirst(state.over.await, Effect.sleep(state.patience))
      const waiting = state.spool.length() - state.acknowledged
      if (state.ended && waiting <= inlineBytes) return
      if (waiting > 0) yield* postOne(state)
    }
  })

const summary = (state: Shipping): Effect.Effect<LogSummary, FileTrouble> =>
  Effect.gen(function*() {
    const offset = state.acknowledged
    const frames = yield* state.spool.read(offset, state.spool.length() - offset)
    const { stderr, stdout } = state.framer.sizes()
    return {
      stdoutBytes: stdout,
      stderrBytes: stderr,
      length: state.spool.length(),
      sha256: Sha256.make(state.spool.sha256()),
      tail: { offset, frames }
    }
  })

/** The spool goes with the scope. */
export const make = (options: ShipperOptions): Effect.Effect<LogShipper, never, Scope.Scope> =>
  Effect.map(Spool.make(options.spool), (spool) => {
    const state = new Shipping(spool, options)
    return {
      consume: (output) => consume(state, output),
      ship: ship(state),
      end: end(state),
      goOnFrom: (length) => goOnFrom(state, length),
      stderrTail: Effect.sync(() => state.framer.stderrTail()),
      summary: summary(state)
    }
  })

