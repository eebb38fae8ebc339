/**
 * One script's use of the connection to its slot's init: its output on the way to the reader, what may be sent to its
 * stdin, how it ended. The next script gets another, so nothing of one is ever told of the other.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import { type OutputChunk, SandboxError, type SlotExit, SlotLost, StartRefused } from "rgrid/ports/Sandbox"
import * as Frames from "./Frames.ts"

/** Output bytes held for a slow reader before the source is paused. */
const highWater = 1024 * 1024

/** Stages of a start at which it is the script's own affair that it can't be executed. */
const scriptStages = ["exec", "cwd"]

const toSlotExit = (frame: Frames.ExitFrame): SlotExit => ({
  code: frame.code,
  signal: frame.signal,
  reason: frame.reason,
  oomKilled: (frame.oomKills ?? 0) > 0,
  peakMemoryBytes: frame.peakMemoryBytes ?? frame.maxRssBytes,
  cpuMicros: frame.cpuMicros
})

export class Turn {
  /** Done when the init waits for the script. */
  readonly ready = Deferred.makeUnsafe<void, SandboxError>()
  readonly begun = Deferred.makeUnsafe<void, SandboxError>()
  readonly exit = Deferred.makeUnsafe<SlotExit, SandboxError>()
  program: string | undefined
  private readonly slot: string
  /** Lets more output come. */
  private readonly resume: () => void
  private held: Array<OutputChunk> = []
  private heldBytes = 0
  private credit = 0
  private discarding = false
  private ended: SlotExit | SandboxError | undefined
  private wakeReader: (() => void) | undefined
  private wakeWriter: (() => void) | undefined

  constructor(slot: string, resume: () => void) {
    this.slot = slot
    this.resume = resume
  }

  get isFull(): boolean {
    return this.heldBytes > highWater
  }

  /** From here on output is dropped as it arrives: nobody will ask for it. */
  discard(): void {
    this.discarding = true
    this.handOver()
  }

  /** The next output, all that has arrived; the end after the last byte. For one reader. */
  readonly pull: Pull.Pull<NonEmptyReadonlyArray<OutputChunk>, SandboxError> = Effect.callback((resume) => {
    const attempt = (): void => {
      const [first, ...rest] = this.handOver()
      if (first !== undefined) return resume(Effect.succeed([first, ...rest]))
      if (this.ended instanceof SandboxError) return resume(Effect.fail(this.ended))
      if (this.ended !== undefined) return resume(Cause.done())
      this.wakeReader = attempt
    }
    attempt()
    return Effect.sync(() => {
      this.wakeReader = undefined
    })
  })

  /** Waits until stdin may be sent; answers how many bytes of those wanted. For one writer. */
  readonly grant = (wanted: number): Effect.Effect<number> =>
    Effect.callback((resume) => {
      const attempt = (): void => {
        const granted = Math.min(wanted, this.credit, Frames.stdinChunk)
        this.wakeWriter = granted > 0 ? undefined : attempt
        this.credit -= granted
        if (granted > 0) resume(Effect.succeed(granted))
      }
      attempt()
      return Effect.sync(() => {
        this.wakeWriter = undefined
      })
    })

  handle(frame: Frames.FromInit): void {
    switch (frame._tag) {
      case "Output":
        if (this.discarding) return
        this.held.push({ stream: frame.stream, bytes: frame.bytes })
        this.heldBytes += frame.bytes.length
        return
      case "Ready":
        // Also the answer to a ping: credit is granted once.
        if (Deferred.doneUnsafe(this.ready, Effect.void)) this.addCredit(frame.credit)
        return
      case "Begun":
        Deferred.doneUnsafe(this.begun, Effect.void)
        return
      case "Credit":
        return this.addCredit(frame.bytes)
      case "Failure":
        return this.finish(this.failure(frame.stage, frame.code))
      case "Exit":
        return this.finish(toSlotExit(frame))
    }
  }

  /** What has arrived since may be for a reader that waits. */
  tell(): void {
    if (this.heldBytes > 0) this.wake()
  }

  finish(ended: SlotExit | SandboxError): void {
    if (this.ended !== undefined) return
    this.ended = ended
    if (ended instanceof SandboxError) {
      Deferred.doneUnsafe(this.ready, Effect.fail(ended))
      Deferred.doneUnsafe(this.begun, Effect.fail(ended))
    }
    this.settle()
    this.wake()
  }

  private failure(stage: string, code: string): SandboxError {
    return new SandboxError({
      reason: scriptStages.includes(stage)
        ? new StartRefused({ program: this.program ?? "", code })
        : new SlotLost({ slot: this.slot, detail: `the slot's init could not do it (${stage}: ${code})` })
    })
  }

  private addCredit(bytes: number): void {
    this.credit += bytes
    this.wakeWriter?.()
  }

  /** Hands the output held to the reader, lets more come, and settles the exit once nothing is held. */
  private handOver(): ReadonlyArray<OutputChunk> {
    const chunks = this.held
    this.held = []
    this.heldBytes = 0
    this.resume()
    this.settle()
    return chunks
  }

  private settle(): void {
    if (this.ended === undefined || this.held.length > 0) return
    const exit = this.ended instanceof SandboxError ? Effect.fail(this.ended) : Effect.succeed(this.ended)
    Deferred.doneUnsafe(this.exit, exit)
  }

  private wake(): void {
    const reader = this.wakeReader
    this.wakeReader = undefined
    reader?.()
  }
}
