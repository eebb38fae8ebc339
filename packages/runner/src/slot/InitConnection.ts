/**
 * A slot's init at the other end of two byte streams: starts the script, carries its streams both ways, tells its end.
 *
 * Everything is pulled. When nobody takes the output, the source is paused, which blocks the init's stdout, which makes
 * it leave the script's pipes alone, which pauses the script. Stdin goes out only within the credit the init grants.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { SandboxError, SlotLost, type SlotRun, type SlotStart } from "rgrid/ports/Sandbox"
import * as Frames from "./Frames.ts"
import { type Link, Wire } from "./Wire.ts"

export type { Link } from "./Wire.ts"

/** How long the end of a run's scope waits for the script to be dead before it leaves that to the slot's own end. */
const killPatience = Duration.seconds(5)

export interface InitConnection {
  /** Resolves when the init waits for a start; fails when the connection ends first. */
  readonly ready: Effect.Effect<void, SandboxError>
  /** `Slot.reset` of the port, for what the init sees. */
  readonly reset: Effect.Effect<void, SandboxError>
  /** Resolves when the connection has ended, whoever ended it. */
  readonly died: Effect.Effect<void>
  /** `Slot.run` of the port, in the given directory. */
  readonly run: (start: SlotStart, cwd: string) => Effect.Effect<SlotRun, SandboxError, Scope.Scope>
}

const feed = (wire: Wire, stdin: Stream.Stream<Uint8Array>): Effect.Effect<void> => {
  const send = Effect.fnUntraced(function*(bytes: Uint8Array) {
    for (let at = 0; at < bytes.length;) {
      const granted = yield* wire.grant(bytes.length - at)
      wire.write(Frames.stdin(bytes.subarray(at, at + granted)))
      at += granted
    }
  })
  return Stream.runForEach(stdin, send).pipe(
    Effect.ensuring(Effect.sync(() => wire.write(Frames.stdinEnd)))
  )
}

/** Kills the script and waits until it is dead; output that nobody took is dropped. */
const stop = (wire: Wire): Effect.Effect<void> =>
  Effect.suspend(() => {
    wire.discard()
    if (Deferred.isDoneUnsafe(wire.exit)) return Effect.void
    wire.write(Frames.signal(9))
    return Deferred.await(wire.exit).pipe(Effect.timeoutOption(killPatience), Effect.ignore)
  })

const run = Effect.fnUntraced(function*(slot: string, wire: Wire, start: SlotStart, cwd: string) {
  if (wire.program !== undefined) {
    return yield* new SandboxError({ reason: new SlotLost({ slot, detail: "the slot was used before" }) })
  }
  const [program] = start.argv
  wire.program = program
  yield* Effect.addFinalizer(() => stop(wire))
  const deadlineMillis = Duration.toMillis(start.deadline)
  wire.write(Frames.start({ argv: start.argv, env: start.env, cwd, deadlineMillis }))
  if (start.stdin === undefined) wire.write(Frames.stdinEnd)
  yield* Deferred.await(wire.begun)
  if (start.stdin !== undefined) yield* Effect.forkScoped(feed(wire, start.stdin))
  return {
    output: Stream.fromPull(Effect.succeed(wire.pull)),
    exit: Deferred.await(wire.exit),
    signal: (number) => Effect.sync(() => wire.write(Frames.signal(number))),
    extend: (deadline) => Effect.sync(() => wire.write(Frames.deadline(Duration.toMillis(deadline))))
  } satisfies SlotRun
})

/** Speaks to the init of `slot` over the link. The scope's end tells the init to go, which ends all in the slot. */
export const make = (slot: string, link: Link): Effect.Effect<InitConnection, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new Wire(slot, link)),
    (wire) => Effect.sync(() => wire.close())
  ).pipe(Effect.map((wire) => ({
    ready: Deferred.await(wire.ready),
    reset: Effect.fail(new SandboxError({ reason: new SlotLost({ slot, detail: "its init can't be used again" }) })),
    died: Deferred.await(wire.died),
    run: (start, cwd) => run(slot, wire, start, cwd)
  })))
