/**
 * The not yet sealed part of one attempt's log: files of up to 8 MiB, each a range of the framed log by position. What a
 * killed server left is taken up again, without the frame it was writing.
 */
import { mkdir, open, readdir, readFile, rm, rmdir, truncate, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { frameLengthAt } from "rgrid/domain/LogFrame"
import { codeOf, sizeOf } from "./errors.ts"

/** Bytes of one file, and of one sealed object. */
export const pieceBytes = 8 * 1024 * 1024

export const pieceFile = (directory: string, index: number): string => join(directory, String(index))

/** Numbers of the pieces on disk. */
const pieces = async (directory: string): Promise<ReadonlyArray<number>> => {
  const names = await readdir(directory).catch((cause: unknown): Array<string> => {
    if (codeOf(cause) === "ENOENT") return []
    throw cause
  })
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** End of what is on disk from piece `first` on, up to the first short piece: a machine's end may shorten any of them. */
const endOnDisk = async (directory: string, first: number): Promise<number> => {
  for (let index = first;; index++) {
    const size = (await sizeOf(pieceFile(directory, index))) ?? 0
    if (size < pieceBytes) return index * pieceBytes + size
  }
}

/** Where a piece's first frame begins: frames straddle pieces, and a torn one must be told from a whole one. */
const markFile = (directory: string, index: number): string => join(directory, `${index}.first`)

/** The first frame's beginning at or after `at`. */
const frameFrom = (bytes: Uint8Array, at: number): number => {
  let start = 0
  while (start < at) start += frameLengthAt(bytes, start)!
  return start
}

/** Writes whole frames at the end, over as many pieces as it takes. */
export const append = async (directory: string, length: number, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length;) {
    const position = length + at
    const index = Math.floor(position / pieceBytes)
    const inside = position - index * pieceBytes
    const chunk = bytes.subarray(at, at + pieceBytes - inside)
    if (inside === 0) {
      // What follows in the piece finds the directory.
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeFile(markFile(directory, index), String(frameFrom(bytes, at) - at), { mode: 0o600 })
    }
    const file = await open(pieceFile(directory, index), "a", 0o600)
    try {
      await file.writeFile(chunk)
    } finally {
      await file.close()
    }
    at += chunk.length
  }
}

/** The end of a log that ends with a full piece, or that has no byte at all. */
export const makeEmpty = async (directory: string, index: number): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(pieceFile(directory, index), "", { mode: 0o600 })
}

/** Up to `limit` bytes of one piece from a position in the log. */
export const readPiece = async (directory: string, offset: number, limit: number): Promise<Uint8Array | null> => {
  const index = Math.floor(offset / pieceBytes)
  const inside = offset - index * pieceBytes
  try {
    const file = await open(pieceFile(directory, index), "r")
    try {
      const buffer = Buffer.allocUnsafe(Math.min(limit, pieceBytes - inside))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, inside)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null
    throw cause
  }
}

/** Cuts the log back to `length`: what a failed or killed write left behind it. */
export const cut = async (directory: string, length: number): Promise<void> => {
  const last = Math.floor(length / pieceBytes)
  for (const index of await pieces(directory)) {
    if (index > last) await rm(pieceFile(directory, index), { force: true })
    if (index === last) await truncate(pieceFile(directory, index), length - index * pieceBytes)
  }
}

export const removePiece = async (directory: string, index: number): Promise<void> => {
  await rm(pieceFile(directory, index), { force: true })
  await rm(markFile(directory, index), { force: true })
}

/** Removes the log's directory, and its execution's when that was the last attempt. */
export const remove = async (directory: string): Promise<void> => {
  await rm(directory, { recursive: true, force: true })
  await rmdir(dirname(directory)).catch(() => undefined)
}

/** Where the last whole frame ends between piece `first` and `length`; `null` when that is before them. */
const wholeUntil = async (directory: string, first: number, length: number): Promise<number | null> => {
  const index = Math.floor(Math.max(0, length - 1) / pieceBytes)
  if (index < first) return null
  const start = index * pieceBytes
  const mark = index === 0 ? "0" : await readFile(markFile(directory, index), "utf8").catch(() => "")
  const piece = (await readPiece(directory, start, length - start)) ?? new Uint8Array(0)
  let end = Number(mark)
  // The frame that straddles the border is whole only if its end is here; else the log ends where that frame began.
  if (mark === "" || end > piece.length) return wholeUntil(directory, first, start)
  for (let next = frameLengthAt(piece, end); next !== null && end + next <= piece.length; next = frameLengthAt(piece, end)) {
    end += next
  }
  return start + end
}

/** The log's end by the pieces from `first` on, cut back to whole frames; `null` when no end of a frame is there. */
export const recover = async (directory: string, first: number): Promise<number | null> => {
  const length = await wholeUntil(directory, first, await endOnDisk(directory, first))
  if (length !== null) await cut(directory, length)
  return length
}

/** Makes a file of a piece again: what of `bytes` is behind the first `before`, which are the piece before. Durable. */
export const restore = async (directory: string, index: number, bytes: Uint8Array, before: number): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(markFile(directory, index), String(frameFrom(bytes, before) - before), { mode: 0o600, flush: true })
  await writeFile(pieceFile(directory, index), bytes.subarray(before), { mode: 0o600, flush: true })
  const names = await open(directory, "r")
  try {
    await names.sync()
  } finally {
    await names.close()
  }
}
