/**
 * The mutable half of a connection to a slot's init: bytes in, bytes out, and whose turn it is.
 *
 * One object a connection, touched by one thread; `InitConnection.ts` gives it its Effect face.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Readable, Writable } from "node:stream"
import { SandboxError, SlotLost } from "rgrid/ports/Sandbox"
import * as Frames from "./Frames.ts"
import { Turn } from "./Turn.ts"

/** The two sides of the connection. `unwrap` takes the engine's own framing off the bytes read. */
export interface Link {
  readonly readable: Readable
  readonly writable: Writable
  readonly unwrap?: (chunk: Uint8Array) => ReadonlyArray<Uint8Array>
  /** Somebody waits for its end, which comes after `close` then. */
  readonly isAwaited?: boolean
}

export class Wire {
  readonly died = Deferred.makeUnsafe<void>()
  /** Of the script that is next, runs or ran last. */
  turn: Turn
  private readonly slot: string
  private readonly link: Link
  private readonly decoder = new Frames.Decoder()
  /** Between an order to clear away and its answer: what else comes is of the turn before. */
  private clearing = false
  private end: SandboxError | undefined

  constructor(slot: string, link: Link) {
    this.slot = slot
    this.link = link
    this.turn = this.newTurn()
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

  /** Has the init clear away what the last script left, but for these directories, and begins another's turn. */
  next(keep: ReadonlyArray<string>): Turn {
    this.turn.discard()
    this.turn = this.newTurn()
    this.clearing = true
    if (this.end !== undefined) this.turn.finish(this.end)
    this.write(Frames.next(keep))
    return this.turn
  }

  /** Tells the init to go and lets the connection go. Idempotent. */
  close(): void {
    this.write(Frames.quit)
    this.link.writable.end()
    this.lost("the slot was destroyed")
    const { isAwaited, readable } = this.link
    if (isAwaited === true) readable.removeAllListeners("data").resume()
    else readable.destroy()
  }

  private newTurn(): Turn {
    const { readable } = this.link
    return new Turn(this.slot, () => {
      if (readable.isPaused()) readable.resume()
    })
  }

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
    if (this.turn.isFull) this.link.readable.pause()
    this.turn.tell()
  }

  private handle(frame: Frames.FromInit): void {
    if (frame._tag === "Ready" && frame.version !== Frames.version) {
      return this.lost(`the slot speaks version ${frame.version}`)
    }
    if (this.clearing && frame._tag !== "Ready" && frame._tag !== "Failure") return
    this.clearing = false
    this.turn.handle(frame)
  }

  private lost(detail: string): void {
    this.end ??= new SandboxError({ reason: new SlotLost({ slot: this.slot, detail }) })
    this.turn.finish(this.end)
    Deferred.doneUnsafe(this.died, Effect.void)
  }
}
