/** Where a directory of objects has an object: known to the server that keeps it and to a runner beside it. */
import { join } from "node:path"

/** The grid builds every key itself; a key of another shape is a defect, or an attack. */
const shape = /^[a-z]+(?:\/[a-z0-9_]+){2,3}$/

/** Objects of one kind and owner may be many: they are spread over 256 directories by the end of their name. */
export const objectFile = (directory: string, key: string): string => {
  if (!shape.test(key)) throw new Error(`${key} is no object's key`)
  const slash = key.lastIndexOf("/")
  return join(directory, key.slice(0, slash), key.slice(-2).padStart(2, "_"), key.slice(slash + 1))
}
