/**
 * The mutable half of a connection to a slot's init: what has arrived, what may be sent, how it ended.
 *
 * One object a connection, touched by one thread; `InitConnection.ts` gives it its Effect face.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import type { Readable, Writable } from "node:stream"
import { type OutputChunk, SandboxError, type SlotExit, SlotLost, StartRefused } from "rgrid/ports/Sandbox"
import * as Frames from "./Frames.ts"

/** Output bytes held for a slow reader before the source is paused. */
const highWater = 1024 * 1024

/** Stages of a start at which it is the script's own affair that it can't be executed. */
const scriptStages = ["exec", "cwd"]

/** The two sides of the connection. `unwrap` takes the engine's own framing off the bytes read. */
export interface Link {
  readonly readable: Readable
  readonly writable: Writable
  readonly unwrap?: (chunk: Uint8Array) => ReadonlyArray<Uint8Array>
}

const toSlotExit = (frame: Frames.ExitFrame): SlotExit => ({
  code: frame.code,
  signal: frame.signal,
  reason: frame.reason,
  oomKilled: (frame.oomKills ?? 0) > 0,
  peakMemoryBytes: frame.peakMemoryBytes ?? frame.maxRssBytes,
  cpuMicros: frame.cpuMicros
})

export class Wire {
  readonly ready = Deferred.makeUnsafe<void, SandboxError>()
  readonly begun = Deferred.makeUnsafe<void, SandboxError>()
  readonly exit = Deferred.makeUnsafe<SlotExit, SandboxError>()
  readonly died = Deferred.makeUnsafe<void>()
  program: string | undefined
  private readonly slot: string
  private readonly link: Link
  private readonly decoder = new Frames.Decoder()
  private held: Array<OutputChunk> = []
  private heldBytes = 0
  private credit = 0
  private discarding = false
  private ended: SlotExit | SandboxError | undefined
  private wakeReader: (() => void) | undefined
  private wakeWriter: (() => void) | undefined

  constructor(slot: string, link: Link) {
    this.slot = slot
    this.link = link
    for (const side of new Set([link.readable, link.writable])) {
      side.on("error", (error: Error) => this.lost(error.message))
      side.on("close", () => this.lost("the connection to the slot was closed"))
    }
    link.readable.on("end", () => this.lost("the slot's init is gone"))
    link.readable.on("data", (chunk: Uint8Array) => this.receive(chunk))
  }

  write(bytes: Uint8Array): void {
    if (this.link.writable.writable) this.link.writable.write(bytes)
  }

  /** Tells the init to go and lets the connection go. Idempotent. */
  close(): void {
    this.write(Frames.quit)
    this.link.writable.end()
    this.lost("the slot was destroyed")
    this.link.readable.destroy()
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

  private receive(chunk: Uint8Array): void {
    try {
      for (const part of this.link.unwrap?.(chunk) ?? [chunk]) {
        for (const frame of this.decoder.push(part)) this.handle(frame)
      }
    } catch (error) {
      this.lost(error instanceof Error ? error.message : String(error))
      this.link.readable.destroy()
      return
    }
    if (this.heldBytes > highWater) this.link.readable.pause()
    if (this.heldBytes > 0) this.wake()
  }

  private handle(frame: Frames.FromInit): void {
    switch (frame._tag) {
      case "Output":
        if (this.discarding) return
        this.held.push({ stream: frame.stream, bytes: frame.bytes })
        this.heldBytes += frame.bytes.length
        return
      case "Ready":
        if (frame.version !== Frames.version) return this.lost(`the slot speaks version ${frame.version}`)
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

  private failure(stage: string, code: string): SandboxError {
    return new SandboxError({
      reason: scriptStages.includes(stage)
        ? new StartRefused({ program: this.program ?? "", code })
        : new SlotLost({ slot: this.slot, detail: `the script could not be started (${stage}: ${code})` })
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
    if (this.link.readable.isPaused()) this.link.readable.resume()
    this.settle()
    return chunks
  }

  private settle(): void {
    if (this.ended === undefined || this.held.length > 0) return
    const exit = this.ended instanceof SandboxError ? Effect.fail(this.ended) : Effect.succeed(this.ended)
    Deferred.doneUnsafe(this.exit, exit)
  }

  private finish(ended: SlotExit | SandboxError): void {
    if (this.ended !== undefined) return
    this.ended = ended
    if (ended instanceof SandboxError) {
      Deferred.doneUnsafe(this.ready, Effect.fail(ended))
      Deferred.doneUnsafe(this.begun, Effect.fail(ended))
    }
    this.settle()
    this.wake()
  }

  private lost(detail: string): void {
    this.finish(new SandboxError({ reason: new SlotLost({ slot: this.slot, detail }) }))
    Deferred.doneUnsafe(this.died, Effect.void)
  }

  private wake(): void {
    const reader = this.wakeReader
    this.wakeReader = undefined
    reader?.()
  }
}
