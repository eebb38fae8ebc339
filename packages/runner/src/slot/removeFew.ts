/** Removing directories that hold little, as most slots' do: at once, where other threads would take ten times that. */
import { lstatSync, opendirSync, rmdirSync, unlinkSync } from "node:fs"

/** So many take this thread a few milliseconds. */
const few = 256

/** So much a disk gives free as fast. */
const little = 64 * 1024 * 1024

const slash = Buffer.from("/")

/** What can't be removed is left for who asks later. */
class Many extends Error {}

interface Left {
  count: number
  bytes: number
}

/** Names in a directory, no more of them read than may be removed. */
const namesIn = (path: Buffer, left: Left): ReadonlyArray<Buffer> => {
  const names: Array<Buffer> = []
  // Node's types know of no other names than texts.
  const directory = opendirSync(path, { encoding: "buffer" as BufferEncoding, bufferSize: few })
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      if (--left.count < 0) throw new Many()
      names.push(entry.name as unknown as Buffer)
    }
  } finally {
    directory.closeSync()
  }
  return names
}

const remove = (path: Buffer, left: Left): void => {
  const status = lstatSync(path)
  if (status.isDirectory()) {
    for (const name of namesIn(path, left)) remove(Buffer.concat([path, slash, name]), left)
    return rmdirSync(path)
  }
  left.bytes -= status.size
  if (left.bytes < 0) throw new Many()
  unlinkSync(path)
}

/** Follows no link. False when it is not gone: there was more than little, or something is in the way. */
export const removeFew = (path: string | Buffer): boolean => {
  try {
    remove(Buffer.from(path), { count: few, bytes: little })
    return true
  } catch {
    return false
  }
}
