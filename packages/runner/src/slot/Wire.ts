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
import type { Outlet } from "./Outlet.ts"
import { Turn } from "./Turn.ts"

type Unwrap = (chunk: Uint8Array) => ReadonlyArray<Uint8Array>

/** The two sides of the connection. `unwrap` takes the engine's own framing off the bytes read. */
export interface Link {
  readonly readable: Readable
  readonly writable: Writable
  readonly unwrap?: Unwrap
  /** Somebody waits for its end, which comes after `close` then. */
  readonly isAwaited?: boolean
  /** Where else the init may speak: tells it once, before the init is ready. */
  readonly outlet?: Outlet
}

const whole: Unwrap = (chunk) => [chunk]

export class Wire {
  readonly died = Deferred.makeUnsafe<void>()
  /** Of the script that is next, runs or ran last. */
  turn: Turn
  private readonly slot: string
  private readonly link: Link
  private readonly decoder = new Frames.Decoder()
  /** Where the init speaks. */
  private source: Readable
  /** Between an order to clear away and its answer: what else comes is of the turn before. */
  private clearing = false
  private end: SandboxError | undefined

  constructor(slot: string, link: Link) {
    this.slot = slot
    this.link = link
    this.source = link.readable
    this.turn = this.newTurn()
    for (const side of new Set([link.readable, link.writable])) this.watch(side)
    this.listen(link.readable, link.unwrap ?? whole)
    link.outlet?.answered((readable) => this.move(readable))
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
    if (this.source !== readable) this.source.destroy()
  }

  private newTurn(): Turn {
    return new Turn(this.slot, () => {
      if (this.source.isPaused()) this.source.resume()
    })
  }

  private watch(side: Readable | Writable): void {
    side.on("error", (error: Error) => this.lost(error.message))
    side.on("close", () => this.lost("the connection to the slot was closed"))
  }

  private listen(readable: Readable, unwrap: Unwrap): void {
    readable.on("end", () => this.lost("the slot's init is gone"))
    readable.on("data", (chunk: Uint8Array) => this.receive(unwrap(chunk)))
  }

  /** From the link's own side nothing comes any more but its end. */
  private move(readable: Readable): void {
    this.source = readable
    this.watch(readable)
    this.listen(readable, whole)
    if (this.end !== undefined) readable.destroy()
  }

  private receive(pieces: ReadonlyArray<Uint8Array>): void {
    try {
      for (const piece of pieces) {
        for (const frame of this.decoder.push(piece)) this.handle(frame)
      }
    } catch (error) {
      this.lost(error instanceof Error ? error.message : String(error))
      this.source.destroy()
      return
    }
    if (this.turn.isFull) this.source.pause()
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
