/** The file that was probably meant, of those that travelled. */
import { nearest } from "../nearest.ts"

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** More are not compared: it is a hint. */
const mostFiles = 5000

/** The same name elsewhere before a similar one beside it. */
export const nearestFile = (path: string, files: ReadonlyArray<string>): string | null => {
  const name = nameOf(path)
  if (name === "" || name.length > 200) return null
  const others = files.slice(0, mostFiles).filter((file) => file !== path && !path.endsWith(`/${file}`))
  const same = others.find((file) => nameOf(file) === name)
  if (same !== undefined) return same
  const meant = nearest(name, others.map(nameOf).filter((other) => Math.abs(other.length - name.length) < 20))
  return meant === null ? null : others.find((file) => nameOf(file) === meant) ?? null
}
