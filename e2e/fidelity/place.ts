/** The directory a case runs in: laid out afresh before each run, at the same path. */
import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Case } from "./Case.ts"
import { fetched, NotFetched } from "./packages.ts"
import { laidOut } from "./snapshot.ts"

const scripts = join(dirname(fileURLToPath(import.meta.url)), "scripts")

const named = (line: string): ReadonlyArray<string> =>
  (line.match(/[\w./-]+\.(py|mjs|cjs|js|ts|sh)\b/g) ?? []).filter((name) => existsSync(join(scripts, name)))

export interface Place {
  /** What is looked at afterwards. */
  readonly root: string
  /** Where the line is typed. */
  readonly cwd: string
}

const fill = (what: Case, cwd: string): void => {
  for (const name of what.files ?? named(what.line)) {
    cpSync(join(scripts, name), join(cwd, basename(name)), { recursive: true, verbatimSymlinks: true })
  }
  if (what.fetched !== undefined) {
    const from = fetched(what.fetched)
    for (const path of what.fetched.paths) {
      if (!existsSync(join(from, path))) throw new NotFetched(`${what.fetched.name} has no ${path}`)
      cpSync(join(from, path), join(cwd, basename(path)), { recursive: true, dereference: true })
    }
  }
}

/** Below `root` the case's own directory stands in for one's projects, and `work` in it for the project. */
export const layOut = (what: Case, root: string): Place => {
  rmSync(root, { recursive: true, force: true })
  const cwd = join(root, "work")
  mkdirSync(cwd, { recursive: true })
  fill(what, cwd)
  const options = { cwd, stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] }
  if (what.setup !== undefined) execFileSync("bash", ["-euc", what.setup], options)
  execFileSync("find", [root, "-exec", "touch", "-h", "-d", `@${laidOut}`, "{}", "+"], options)
  return { root, cwd }
}
