/** The directories in which files may be guessed. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { isWide, isWithin, upwards } from "./place.ts"

const marks = [".git", "pyproject.toml", "package.json"]

/** The outermost project around a directory, so that a package of a repository may use its neighbours; else itself. */
const projectAround = (directory: string): string =>
  upwards(directory).findLast((above) => !isWide(above) && marks.some((mark) => existsSync(join(above, mark)))) ??
    directory

/** The project of the working directory, and that of a script which stands elsewhere, or in a project of a home. */
export const regionsOf = (cwd: string, scriptDirectory: string): ReadonlyArray<string> => {
  const own = projectAround(cwd)
  return isWithin(own, scriptDirectory) && !isWide(own) ? [own] : [...new Set([projectAround(scriptDirectory), own])]
}
