/** Where the program `rgrid` lies that comes with this package. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Some bundles have no address of their own. */
const here = (): string => {
  try {
    return dirname(fileURLToPath(import.meta.url))
  } catch {
    return process.cwd()
  }
}

const withParents = (directory: string): ReadonlyArray<string> => {
  const parent = dirname(directory)
  return parent === directory ? [directory] : [directory, ...withParents(parent)]
}

/**
 * Beside `dist` and beside `src`; for a bundle, where the package is installed that it was made from. `new URL(…,
 * import.meta.url)` would make some bundlers copy the program alone to another place, where it does not work.
 */
export const programBeside = (): string | null => {
  const beside = ["../../bin", "../bin"].map((place) => join(here(), place))
  const installed = [here(), process.cwd()].flatMap(withParents).map((place) => join(place, "node_modules/rgrid/bin"))
  const programs = [...beside, ...installed].map((place) => join(place, "rgrid.js"))
  return programs.find((program) => existsSync(program)) ?? null
}
