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

/** Most scripts say less: their logs spare a file. */
export const inMemoryBytes = 256 * 1024

export interface Spool {
  readonly length: () => number
  readonly append: (frames: ReadonlyArray<Uint8Array>) => Effect.Effect<void, FileTrouble>
  /** Whole frames from `offset`, at most `limit` bytes of them. */
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

const readAll = async (file: FileHandle, position: number, size: number): Promise<Uint8Array> => {
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, size - at, position + at)
    if (bytesRead === 0) throw new Error("the log's spool is shorter than what was written")
    at += bytesRead
  }
  return bytes
}

const grown = (memory: Buffer, least: number): Buffer => {
  const larger = Buffer.allocUnsafe(Math.max(least, memory.length * 2))
  memory.copy(larger)
  return larger
}

/** The file, if one becomes necessary, goes with the scope. */
export const make = (path: string): Effect.Effect<Spool, never, Scope.Scope> =>
  Effect.gen(function*() {
    const hash = createHash("sha256")
    let memory: Buffer = Buffer.allocUnsafe(4 * 1024)
    let file: FileHandle | null = null
    let length = 0
    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        await file?.close()
        if (file !== null) await rm(path, { force: true })
      })
    )
    const store = async (bytes: Buffer): Promise<void> => {
      if (file === null && length + bytes.length <= inMemoryBytes) {
        if (length + bytes.length > memory.length) memory = grown(memory, length + bytes.length)
        bytes.copy(memory, length)
        return
      }
      if (file === null) {
        file = await open(path, "wx+", 0o600)
        await writeAll(file, memory.subarray(0, length), 0)
        memory = Buffer.alloc(0)
      }
      await writeAll(file, bytes, length)
    }
    return {
      length: () => length,
      append: (frames) =>
        frames.length === 0 ? Effect.void : onDisk(path, async () => {
          const bytes = Buffer.concat(frames)
          await store(bytes)
          hash.update(bytes)
          length += bytes.length
        }),
      read: (offset, limit) =>
        onDisk(path, async () => {
          const size = Math.min(limit, length - offset)
          return wholeFrames(
            file === null ? memory.subarray(offset, offset + size) : await readAll(file, offset, size)
          )
        }),
      sha256: () => hash.copy().digest("hex")
    }
  })
