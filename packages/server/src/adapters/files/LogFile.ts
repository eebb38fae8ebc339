/**
 * The not yet sealed part of one attempt's log: files of up to 8 MiB, each a range of the framed log by position. What a
 * killed server left is taken up again, without the frame it was writing.
 */
import { writeFileSync } from "node:fs"
import { open, readFile, truncate, unlink, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { frameLengthAt } from "rgrid/domain/LogFrame"
import { codeOf, sizeOf } from "./errors.ts"

/** Bytes of one file, and of one sealed object. */
export const pieceBytes = 8 * 1024 * 1024

/** All logs' files stand in one directory: one of its own for each would have to be made, and be made durable. */
export const pieceFile = (place: string, index: number): string => `${place}.${index}`

/** End of what is on disk from piece `first` on, up to the first short piece: a machine's end may shorten any of them. */
const endOnDisk = (place: string, first: number): number => {
  for (let index = first;; index++) {
    const size = sizeOf(pieceFile(place, index)) ?? 0
    if (size < pieceBytes) return index * pieceBytes + size
  }
}

/** Where a later piece's first frame begins: frames straddle pieces, and a torn one must be told from a whole one. */
const markFile = (place: string, index: number): string => `${pieceFile(place, index)}.first`

/** The first frame's beginning at or after `at`. */
const frameFrom = (bytes: Uint8Array, at: number): number => {
  let start = 0
  while (start < at) start += frameLengthAt(bytes, start)!
  return start
}

const mode = 0o600

/** So few bytes are in the page cache before another thread would have begun, and with all cores busy long before. */
const mostAtOnce = 64 * 1024

const write = async (file: string, bytes: Uint8Array | string, flag: "a" | "w"): Promise<void> =>
  bytes.length > mostAtOnce ? writeFile(file, bytes, { flag, mode }) : writeFileSync(file, bytes, { flag, mode })

/** Writes whole frames at the end, over as many pieces as it takes. */
export const append = async (place: string, length: number, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length;) {
    const position = length + at
    const index = Math.floor(position / pieceBytes)
    const inside = position - index * pieceBytes
    const chunk = bytes.subarray(at, at + pieceBytes - inside)
    if (inside === 0 && index > 0) await write(markFile(place, index), String(frameFrom(bytes, at) - at), "w")
    // What a machine's end left of a piece whose forerunner it took is not its beginning.
    await write(pieceFile(place, index), chunk, inside === 0 ? "w" : "a")
    at += chunk.length
  }
}

/** The end of a log that ends with a full piece, or that has no byte at all. */
export const makeEmpty = (place: string, index: number): Promise<void> => write(pieceFile(place, index), "", "w")

/** Up to `limit` bytes of one piece from a position in the log. */
export const readPiece = async (place: string, offset: number, limit: number): Promise<Uint8Array | null> => {
  const index = Math.floor(offset / pieceBytes)
  const inside = offset - index * pieceBytes
  try {
    const file = await open(pieceFile(place, index), "r")
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

/** Whether there was one. */
const unlinked = (file: string): Promise<boolean> =>
  unlink(file).then(() => true, (cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return false
    throw cause
  })

/** The first piece has none: its first frame begins where it begins. */
export const removeMark = async (place: string, index: number): Promise<void> => {
  if (index > 0) await unlinked(markFile(place, index))
}

/** Removes a piece's files; whether it had one. */
const removePiece = async (place: string, index: number): Promise<boolean> => {
  await removeMark(place, index)
  return unlinked(pieceFile(place, index))
}

/** Removes pieces `from` to `last`, and those that follow without a gap. */
export const remove = async (place: string, last: number, from = 0): Promise<void> => {
  for (let [index, more] = [from, true]; more || index <= last; index++) more = await removePiece(place, index)
}

/** Cuts the log back to `length`: what a failed or killed write left behind it. */
export const cut = async (place: string, length: number): Promise<void> => {
  const last = Math.floor(length / pieceBytes)
  const [file, inside] = [pieceFile(place, last), length - last * pieceBytes]
  if ((sizeOf(file) ?? 0) > inside) await truncate(file, inside)
  await remove(place, last, last + 1)
}

/** Where the last whole frame ends between piece `first` and `length`; `null` when that is before them. */
const wholeUntil = async (place: string, first: number, length: number): Promise<number | null> => {
  const index = Math.floor(Math.max(0, length - 1) / pieceBytes)
  if (index < first) return null
  const start = index * pieceBytes
  const mark = index === 0 ? "0" : await readFile(markFile(place, index), "utf8").catch(() => "")
  const piece = (await readPiece(place, start, length - start)) ?? new Uint8Array(0)
  let end = Number(mark)
  // The frame that straddles the border is whole only if its end is here; else the log ends where that frame began.
  if (mark === "" || end > piece.length) return wholeUntil(place, first, start)
  for (let next = frameLengthAt(piece, end); next !== null && end + next <= piece.length; next = frameLengthAt(piece, end)) {
    end += next
  }
  return start + end
}

/** The log's end by the pieces from `first` on, cut back to whole frames; `null` when no end of a frame is there. */
export const recover = async (place: string, first: number): Promise<number | null> => {
  if (sizeOf(pieceFile(place, first)) === null) return first === 0 ? 0 : null
  const length = await wholeUntil(place, first, endOnDisk(place, first))
  if (length !== null) await cut(place, length)
  return length
}

/** Makes a file of a piece again: what of `bytes` is behind the first `before`, which are the piece before. Durable. */
export const restore = async (place: string, index: number, bytes: Uint8Array, before: number): Promise<void> => {
  await writeFile(markFile(place, index), String(frameFrom(bytes, before) - before), { mode, flush: true })
  await writeFile(pieceFile(place, index), bytes.subarray(before), { mode, flush: true })
  const names = await open(dirname(place), "r")
  try {
    await names.sync()
  } finally {
    await names.close()
  }
}
