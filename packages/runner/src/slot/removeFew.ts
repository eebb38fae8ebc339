/** Removing directories that hold little, as most slots' do: at once, where other threads would take ten times that. */
import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs"

/** So many take this thread a few milliseconds. */
const few = 256

const slash = Buffer.from("/")

/** What can't be removed is left for who asks later. */
class Many extends Error {}

const remove = (path: Buffer, left: { count: number }): void => {
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: "buffer" })) {
    if (--left.count < 0) throw new Many()
    const child = Buffer.concat([path, slash, entry.name])
    if (entry.isDirectory()) remove(child, left)
    else unlinkSync(child)
  }
  rmdirSync(path)
}

/** Follows no link. False when it is not gone: there were more than a few, or something is in the way. */
export const removeFew = (path: string | Buffer): boolean => {
  try {
    const bytes = Buffer.from(path)
    if (lstatSync(bytes).isDirectory()) remove(bytes, { count: few })
    else unlinkSync(bytes)
    return true
  } catch {
    return false
  }
}
