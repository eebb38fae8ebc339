/**
 * A part handed over as a file on the disk that giver and grid share, in place of its bytes in the request: over the
 * loopback they take three times the time. Only who may write to the grid's own directory can make one, and the grid
 * hashes it as it hashes what comes over the network.
 */
import { randomBytes } from "node:crypto"
import { type FileHandle, open, rm } from "node:fs/promises"
import { join } from "node:path"
import { writeAt } from "../domain/Arrival.ts"

/** Has the name of the file, in the directory below. The request has no body then. */
export const handedHeader = "x-rgrid-handed"

/** In the directory of objects. */
export const incoming = "incoming"

/** Nobody guesses one: who may name it has made it. */
export const isHandedName = (name: string): boolean => /^[0-9a-f]{32}$/.test(name)

/** Smaller parts are sent as fast. */
export const leastHanded = 1024 * 1024

const chunkBytes = 1024 * 1024

export interface Handed {
  readonly name: string
  /** What the grid took is gone already. */
  readonly remove: () => Promise<void>
}

const copy = async (from: FileHandle, to: FileHandle, offset: number, size: number): Promise<boolean> => {
  const chunk = Buffer.allocUnsafe(chunkBytes)
  for (let at = 0; at < size;) {
    const { bytesRead } = await from.read(chunk, 0, Math.min(chunkBytes, size - at), offset + at)
    if (bytesRead === 0) return false
    await writeAt(to, chunk.subarray(0, bytesRead), at)
    at += bytesRead
  }
  return true
}

/** Null where that can't be done, for whatever reason: then the bytes are sent. */
export const handOver = async (
  objects: string,
  from: FileHandle,
  { offset, size }: { readonly offset: number; readonly size: number }
): Promise<Handed | null> => {
  const name = randomBytes(16).toString("hex")
  const path = join(objects, incoming, name)
  const remove = () => rm(path, { force: true }).catch(() => undefined)
  const to = await open(path, "wx", 0o600).catch(() => null)
  if (to === null) return null
  const done = await copy(from, to, offset, size).catch(() => false).finally(() => to.close())
  if (done) return { name, remove }
  await remove()
  return null
}
