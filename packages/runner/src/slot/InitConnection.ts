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
import type { Turn } from "./Turn.ts"
import { type Link, Wire } from "./Wire.ts"

export type { Link } from "./Wire.ts"

/** How long the end of a run's scope waits for the script to be dead before it leaves that to the slot's own end. */
const killPatience = Duration.seconds(5)

/** The init gives itself ten. */
const resetPatience = Duration.seconds(12)

export interface InitConnection {
  /** Resolves when the init waits for a start; fails when the connection ends first. */
  readonly ready: Effect.Effect<void, SandboxError>
  /**
   * `Slot.reset` of the port, for what the init sees: all that the script left but for what is in the directories to
   * keep, by their paths in the slot, which the runner empties.
   */
  readonly reset: (keep: ReadonlyArray<string>) => Effect.Effect<void, SandboxError>
  /** Resolves when the connection has ended, whoever ended it. */
  readonly died: Effect.Effect<void>
  /** `Slot.run` of the port, in the given directory. */
  readonly run: (start: SlotStart, cwd: string) => Effect.Effect<SlotRun, SandboxError, Scope.Scope>
}

const feed = (wire: Wire, turn: Turn, stdin: Stream.Stream<Uint8Array>): Effect.Effect<void> => {
  const send = Effect.fnUntraced(function*(bytes: Uint8Array) {
    for (let at = 0; at < bytes.length;) {
      const granted = yield* turn.grant(bytes.length - at)
      wire.write(Frames.stdin(bytes.subarray(at, at + granted)))
      at += granted
    }
  })
  return Stream.runForEach(stdin, send).pipe(
    Effect.ensuring(Effect.sync(() => wire.write(Frames.stdinEnd)))
  )
}

/** Kills the script and waits until it is dead; output that nobody took is dropped. */
const stop = (wire: Wire, turn: Turn): Effect.Effect<void> =>
  Effect.suspend(() => {
    turn.discard()
    if (Deferred.isDoneUnsafe(turn.exit)) return Effect.void
    wire.write(Frames.signal(9))
    return Deferred.await(turn.exit).pipe(Effect.timeoutOption(killPatience), Effect.ignore)
  })

const used = (slot: string): SandboxError =>
  new SandboxError({ reason: new SlotLost({ slot, detail: "the slot was used before" }) })

const run = Effect.fnUntraced(function*(slot: string, wire: Wire, start: SlotStart, cwd: string) {
  const { turn } = wire
  if (turn.program !== undefined) return yield* used(slot)
  const [program] = start.argv
  turn.program = program
  yield* Effect.addFinalizer(() => stop(wire, turn))
  const deadlineMillis = Duration.toMillis(start.deadline)
  wire.write(Frames.start({ argv: start.argv, env: start.env, cwd, deadlineMillis }))
  if (start.stdin === undefined) wire.write(Frames.stdinEnd)
  yield* Deferred.await(turn.begun)
  if (start.stdin !== undefined) yield* Effect.forkScoped(feed(wire, turn, start.stdin))
  // What comes late is not for the next script.
  const order = (bytes: Uint8Array) => Effect.sync(() => wire.turn === turn ? wire.write(bytes) : undefined)
  return {
    output: Stream.fromPull(Effect.succeed(turn.pull)),
    exit: Deferred.await(turn.exit),
    signal: (number) => order(Frames.signal(number)),
    extend: (deadline) => order(Frames.deadline(Duration.toMillis(deadline)))
  } satisfies SlotRun
})

const reset = (slot: string, wire: Wire, keep: ReadonlyArray<string>): Effect.Effect<void, SandboxError> =>
  Effect.suspend(() => Deferred.await(wire.next(keep).ready)).pipe(
    Effect.timeoutOrElse({
      duration: resetPatience,
      orElse: () =>
        Effect.fail(new SandboxError({ reason: new SlotLost({ slot, detail: "the slot's init did not answer" }) }))
    })
  )

/** Speaks to the init of `slot` over the link. The scope's end tells the init to go, which ends all in the slot. */
export const make = (slot: string, link: Link): Effect.Effect<InitConnection, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new Wire(slot, link)),
    (wire) => Effect.sync(() => wire.close())
  ).pipe(Effect.map((wire) => ({
    ready: Deferred.await(wire.turn.ready),
    reset: (keep) => reset(slot, wire, keep),
    died: Deferred.await(wire.died),
    run: (start, cwd) => run(slot, wire, start, cwd)
  })))
