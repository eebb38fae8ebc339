/**
 * All bytes of one attempt's framed log, until the server has them for good. Short logs never touch the disk; longer
 * ones live in a file, so that memory stays flat whatever a script prints.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import { type FileHandle, open, rm } from "node:fs/promises"
import { frameLengthAt } from "rgrid/domain/LogFrame"
import { type FileTrouble, onDisk } from "./FileTrouble.ts"

/** Most scripts say less: their logs spare a file. Of longer ones this much is written at a time. */
export const inMemoryBytes = 512 * 1024

export interface Spool {
  readonly length: () => number
  /** Frames, in pieces none of which is longer than what is held in memory. */
  readonly append: (pieces: ReadonlyArray<Uint8Array>) => Effect.Effect<void, FileTrouble>
  /** Whole frames from `offset`, at most `limit` bytes of them. They are there until the next reading. */
  readonly read: (offset: number, limit: number) => Effect.Effect<Uint8Array, FileTrouble>
  /** Of everything so far, in hex. */
  readonly sha256: () => string
}

/** The part of `bytes` that ends with a whole frame. */
export const wholeFrames = (bytes: Uint8Array): Uint8Array => {
  let at = 0
  while (true) {
    const length = frameLengthAt(bytes, at)
    if (length === null || Number.isNaN(length) || at + length > bytes.length) return bytes.subarray(0, at)
    at += length
  }
}

const writeAll = async (file: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
  }
}

const readAll = async (file: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  let at = 0
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, position + at)
    if (bytesRead === 0) throw new Error("the log's spool is shorter than what was written")
    at += bytesRead
  }
}

/** All of it goes through memory that stays: a flood's garbage would cost more than its bytes. */
class Log {
  readonly path: string
  readonly hash = createHash("sha256")
  file: FileHandle | null = null
  /** Bytes in the file; what follows is in memory. */
  written = 0
  used = 0
  memory: Buffer = Buffer.allocUnsafe(4 * 1024)
  /** What was read last. */
  scratch: Buffer = Buffer.alloc(0)

  constructor(path: string) {
    this.path = path
  }

  /** Nothing of it when it is too much for what memory is left. */
  hold(pieces: ReadonlyArray<Uint8Array>): boolean {
    const after = pieces.reduce((sum, { length }) => sum + length, this.used)
    if (after > inMemoryBytes) return false
    if (after > this.memory.length) this.grow(after)
    for (const piece of pieces) {
      this.memory.set(piece, this.used)
      this.used += piece.length
    }
    return true
  }

  async store(pieces: ReadonlyArray<Uint8Array>): Promise<void> {
    for (const piece of pieces) {
      if (this.hold([piece])) continue
      await this.flush()
      this.hold([piece])
    }
  }

  /** Whoever reads meanwhile finds in memory what is on its way. */
  private async flush(): Promise<void> {
    this.file ??= await open(this.path, "wx+", 0o600)
    const bytes = this.memory.subarray(0, this.used)
    await writeAll(this.file, bytes, this.written)
    this.hash.update(bytes)
    this.written += bytes.length
    this.used = 0
  }

  private grow(least: number): void {
    const larger = Buffer.allocUnsafe(Math.min(inMemoryBytes, Math.max(least, this.memory.length * 2)))
    this.memory.copy(larger, 0, 0, this.used)
    this.memory = larger
  }

  async read(offset: number, size: number): Promise<Uint8Array> {
    if (this.scratch.length < size) this.scratch = Buffer.allocUnsafe(size)
    const bytes = this.scratch.subarray(0, size)
    const onDisk = Math.min(size, Math.max(0, this.written - offset))
    // Memory first: it is used anew as soon as somebody waits.
    if (onDisk < size) this.memory.copy(bytes, onDisk, offset + onDisk - this.written, this.used)
    if (onDisk > 0) await readAll(this.file!, bytes.subarray(0, onDisk), offset)
    return bytes
  }
}

/** The file, if one becomes necessary, goes with the scope. */
export const make = (path: string): Effect.Effect<Spool, never, Scope.Scope> =>
  Effect.gen(function*() {
    const log = new Log(path)
    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        await log.file?.close()
        if (log.file !== null) await rm(path, { force: true })
      })
    )
    const length = () => log.written + log.used
    return {
      length,
      append: (pieces) => Effect.suspend(() => log.hold(pieces) ? Effect.void : onDisk(path, () => log.store(pieces))),
      read: (offset, limit) =>
        onDisk(path, async () => wholeFrames(await log.read(offset, Math.min(limit, length() - offset)))),
      sha256: () => log.hash.copy().update(log.memory.subarray(0, log.used)).digest("hex")
    }
  })
