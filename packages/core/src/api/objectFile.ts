/** Where a directory of objects has an object: known to the server that keeps it and to whoever shares its disk. */
import { join } from "node:path"
import type { Sha256 } from "../domain/JobSpec.ts"

/** The grid builds every key itself; a key of another shape is a defect, or an attack. */
const shape = /^[a-z]+(?:\/[a-z0-9_]+){2,3}$/

/** Objects of one kind and owner may be many: they are spread over 256 directories by the end of their name. */
export const objectFile = (directory: string, key: string): string => {
  if (!shape.test(key)) throw new Error(`${key} is no object's key`)
  const slash = key.lastIndexOf("/")
  return join(directory, key.slice(0, slash), key.slice(-2).padStart(2, "_"), key.slice(slash + 1))
}

/** What a signed link of the grid's own stands for; null when it is no such link, or to other bytes. */
export const linkedFile = (directory: string, url: string, part: Sha256): string | null => {
  const key = /^\/objects\/([a-z0-9_/]+)[?]/.exec(url)?.[1]
  return key !== undefined && key.endsWith(`/${part}`) && shape.test(key) ? objectFile(directory, key) : null
}
