/** The content address of one file of a workspace, from one pass, following no link. */
import { type BigIntStats, constants } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { digest } from "rgrid/domain/digest"
import type { FileContent } from "rgrid/domain/JobSpec"

/** Non-blocking: a FIFO put in a file's place must not hold the runner. Neither link nor terminal is followed. */
export const safeRead = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

export interface Digested {
  readonly content: FileContent
  readonly modifiedAt: number
  readonly mode: number
}

/** A nanosecond's distance is lost to the number's precision, a microsecond's is not. */
export const millisOf = ({ mtimeNs }: BigIntStats): number => Number(mtimeNs) / 1e6

const once = async (file: FileHandle): Promise<Digested | null> => {
  const before = await file.stat({ bigint: true })
  const content = await digest(file)
  const after = await file.stat({ bigint: true })
  const still = before.size === after.size && before.mtimeNs === after.mtimeNs && BigInt(content.size) === after.size
  if (!still) return null
  return { content, modifiedAt: millisOf(after), mode: Number(after.mode) & 0o777 }
}

/** Null when it is no regular file, or keeps changing while it is read. Throws what the file system says. */
export const digestFile = async (path: string): Promise<Digested | null> => {
  const file = await open(path, safeRead)
  try {
    if (!(await file.stat()).isFile()) return null
    return (await once(file)) ?? (await once(file))
  } finally {
    await file.close()
  }
}
