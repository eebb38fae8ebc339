/**
 * The frames between a runner and the init of a slot: `u8 type, u32le length, payload`.
 *
 * The layout of every payload is described where it is read, at the top of `init/rgrid-init.c`. This module is pure: it
 * turns orders into bytes and bytes, however they were cut on their way, into what the init says.
 */
import { constants } from "node:os"

/** The version of the frames this runner speaks; the init says its own when it is ready. */
export const version = 2

/** The largest piece of stdin put into one frame. */
export const stdinChunk = 64 * 1024

/** What the init says. `Output` may be part of a frame: bytes are passed on as they arrive. */
export type FromInit =
  | { readonly _tag: "Ready"; readonly version: number; readonly credit: number }
  | { readonly _tag: "Begun"; readonly pid: number }
  | { readonly _tag: "Output"; readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }
  | { readonly _tag: "Credit"; readonly bytes: number }
  | { readonly _tag: "Failure"; readonly stage: string; readonly code: string }
  | ExitFrame

/** How the script ended and what it used; `null` where the init can't tell. */
export interface ExitFrame {
  readonly _tag: "Exit"
  readonly code: number | null
  readonly signal: number | null
  readonly reason: "exited" | "deadline"
  /** Of the largest single process. */
  readonly maxRssBytes: number
  /** Of the whole cgroup. */
  readonly peakMemoryBytes: number | null
  readonly oomKills: number | null
  readonly cpuMicros: number
}

export interface Start {
  readonly deadlineMillis: number
  readonly argv: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

const frame = (type: string, payload: Uint8Array): Uint8Array => {
  const bytes = Buffer.allocUnsafe(5 + payload.length)
  bytes.writeUInt8(type.charCodeAt(0), 0)
  bytes.writeUInt32LE(payload.length, 1)
  bytes.set(payload, 5)
  return bytes
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value, 0)
  return bytes
}

const u64 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64LE(BigInt(Math.max(0, Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER))), 0)
  return bytes
}

const string = (text: string): ReadonlyArray<Buffer> => {
  const bytes = Buffer.from(text, "utf8")
  return [u32(bytes.length), bytes]
}

const strings = (texts: ReadonlyArray<string>): ReadonlyArray<Buffer> => [u32(texts.length), ...texts.flatMap(string)]

/** Starts the script. */
export const start = (options: Start): Uint8Array =>
  frame(
    "S",
    Buffer.concat([
      u64(options.deadlineMillis),
      ...strings(options.argv),
      ...strings(Object.entries(options.env).map(([name, value]) => `${name}=${value}`)),
      ...string(options.cwd)
    ])
  )

/** Bytes for the script's stdin, at most `stdinChunk` and never more than the credit left. */
export const stdin = (bytes: Uint8Array): Uint8Array => frame("I", bytes)

/** The script's stdin ends after what was sent. */
export const stdinEnd: Uint8Array = frame("E", new Uint8Array(0))

/** Moves the deadline to so many milliseconds from now. */
export const deadline = (millis: number): Uint8Array => frame("D", u64(millis))

/** Sends a signal to every process of the script. */
export const signal = (number: number): Uint8Array => frame("K", u32(number))

/**
 * Has everything cleared away that the last script left, but for what these directories hold; answered by `Ready` or
 * `Failure`.
 */
export const next = (keep: ReadonlyArray<string>): Uint8Array => frame("N", Buffer.concat([...strings(keep)]))

/** Asks for `Ready`. */
export const ping: Uint8Array = frame("P", new Uint8Array(0))

/** Ends the slot. */
export const quit: Uint8Array = frame("Q", new Uint8Array(0))

const errorNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name] as const))

const unknown = 0xffff_ffff_ffff_ffffn

const known = (value: bigint): number | null => value === unknown ? null : Number(value)

const exit = (payload: Buffer): FromInit => {
  const code = payload.readInt32LE(0)
  const signal = payload.readUInt32LE(4)
  return {
    _tag: "Exit",
    code: code < 0 ? null : code,
    signal: signal === 0 ? null : signal,
    reason: payload.readUInt8(8) === 1 ? "deadline" : "exited",
    maxRssBytes: Number(payload.readBigUInt64LE(9)),
    peakMemoryBytes: known(payload.readBigUInt64LE(17)),
    oomKills: known(payload.readBigUInt64LE(25)),
    cpuMicros: Number(payload.readBigUInt64LE(33))
  }
}

const payloadSizes: Readonly<Record<string, (length: number) => boolean>> = {
  R: (length) => length === 8,
  B: (length) => length === 4,
  W: (length) => length === 4,
  F: (length) => length >= 4 && length <= 256,
  X: (length) => length === 41
}

const control = (type: string, payload: Buffer): FromInit => {
  switch (type) {
    case "R":
      return { _tag: "Ready", version: payload.readUInt32LE(0), credit: payload.readUInt32LE(4) }
    case "B":
      return { _tag: "Begun", pid: payload.readUInt32LE(0) }
    case "W":
      return { _tag: "Credit", bytes: payload.readUInt32LE(0) }
    case "X":
      return exit(payload)
    default: {
      const number = payload.readUInt32LE(0)
      return { _tag: "Failure", code: errorNames.get(number) ?? `errno ${number}`, stage: payload.toString("utf8", 4) }
    }
  }
}

/** The bytes are no frames of ours: the connection is of no more use. */
export class FrameError extends Error {
  override readonly name = "FrameError"
}

/**
 * Reads frames from chunks cut anywhere. Output is passed on without a copy, as views of the chunks given; only control
 * frames, 41 bytes at most but for a failure's text, are gathered first.
 */
export class Decoder {
  private header = Buffer.alloc(0)
  private type = ""
  private missing = 0
  private payload: Array<Buffer> = []

  /** What the chunk completes, in order. Throws `FrameError`; use no longer afterwards. */
  push(chunk: Uint8Array): ReadonlyArray<FromInit> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const found: Array<FromInit> = []
    let at = 0
    while (at < bytes.length) {
      if (this.type === "") at = this.readHeader(bytes, at, found)
      else at = this.readPayload(bytes, at, found)
    }
    return found
  }

  private readHeader(bytes: Buffer, at: number, found: Array<FromInit>): number {
    const end = Math.min(bytes.length, at + 5 - this.header.length)
    this.header = Buffer.concat([this.header, bytes.subarray(at, end)])
    if (this.header.length < 5) return end
    const type = String.fromCharCode(this.header.readUInt8(0))
    const length = this.header.readUInt32LE(1)
    this.header = Buffer.alloc(0)
    if (type !== "O" && type !== "e" && payloadSizes[type]?.(length) !== true) {
      throw new FrameError(`The slot sent a frame ${JSON.stringify(type)} of ${length} bytes.`)
    }
    this.type = type
    this.missing = length
    if (length === 0) this.finish(found)
    return end
  }

  private readPayload(bytes: Buffer, at: number, found: Array<FromInit>): number {
    const end = Math.min(bytes.length, at + this.missing)
    const part = bytes.subarray(at, end)
    this.missing -= part.length
    if (this.type === "O") found.push({ _tag: "Output", stream: "stdout", bytes: part })
    else if (this.type === "e") found.push({ _tag: "Output", stream: "stderr", bytes: part })
    else this.payload.push(part)
    if (this.missing === 0) this.finish(found)
    return end
  }

  private finish(found: Array<FromInit>): void {
    if (this.type !== "O" && this.type !== "e") found.push(control(this.type, Buffer.concat(this.payload)))
    this.payload = []
    this.type = ""
  }
}
