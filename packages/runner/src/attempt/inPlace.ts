/** Whether this machine has, at a path of its own, what the caller has there. Nothing is written. */
import { realpath, stat } from "node:fs/promises"
import type { FileContent } from "rgrid/domain/JobSpec"
import { digestFile } from "./digest.ts"

export const isDirectoryHere = (path: string): Promise<boolean> =>
  stat(path).then((status) => status.isDirectory(), () => false)

/** The very same bytes. A link is followed, as the script will: the caller's was sent as what it points to. */
export const isFileHere = async (path: string, content: FileContent): Promise<boolean> => {
  try {
    const real = await realpath(path)
    if ((await stat(real)).size !== content.size) return false
    return (await digestFile(real))?.content.sha256 === content.sha256
  } catch {
    return false
  }
}
