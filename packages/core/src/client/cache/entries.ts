/**
 * What is remembered: a file for each, so that commands at the same time never wait for or spoil one another. What can't be
 * read or written is done without.
 */
import { createHash, randomUUID } from "node:crypto"
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"

/** In each of 256 directories: the oldest go. */
const mostInOne = 64

/** Where that which `of` names is remembered below a directory. */
export const placeOf = (directory: string, of: string): string => {
  const name = createHash("sha256").update(of).digest("hex")
  return join(directory, name.slice(0, 2), name)
}

const makeRoom = async (directory: string): Promise<void> => {
  const names = await readdir(directory)
  if (names.length <= mostInOne) return
  const aged = await Promise.all(names.map(async (name) => {
    const path = join(directory, name)
    return { path, age: await stat(path).then(({ mtimeMs }) => mtimeMs, () => 0) }
  }))
  const oldest = aged.sort((one, other) => one.age - other.age).slice(0, names.length - mostInOne)
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true })))
}

/** Whoever reads meanwhile sees the old entry or the new one. */
export const keep = async (place: string, text: string): Promise<void> => {
  const fresh = `${place}.${randomUUID()}`
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  await writeFile(fresh, text, { mode: 0o600, flag: "wx" })
  await rename(fresh, place)
  await makeRoom(dirname(place))
}
