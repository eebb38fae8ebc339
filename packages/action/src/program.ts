/** The program `rgrid`, which starts and stops grids, and where the grid of this job lives. */
import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** `dist` stays the same when only the version changes. */
const version = (): string => JSON.parse(readFileSync(here("../package.json"), "utf8")).version

const commandFor = (program: string): ReadonlyArray<string> =>
  /\.[cm]?js$/.test(program) ? [process.execPath, program] : [program]

/** `RGRID_BIN`, else the program of the clone that this is part of, else the published one of the same version. */
export const rgrid = (): ReadonlyArray<string> => {
  const named = process.env["RGRID_BIN"] || ""
  const beside = here("../../core/bin/rgrid.js")
  if (named !== "") return commandFor(/[/\\]/.test(named) ? resolve(named) : named)
  if (existsSync(beside)) return commandFor(beside)
  // Asked for `rgrid`, npm would start the library's that the workspace may have, which has no command line beside it.
  return ["npm", "exec", "--yes", `--package=@rgrid/cli@${version()}`, "--", "rgrid-cli"]
}

/** Where a job's grid lives: jobs at the same time on one machine must not stop each other's. */
export interface Home {
  readonly directory: string
  /** Not somebody's own choice: nobody will look there later. */
  readonly temporary: boolean
}

const temporary = (): string => process.env["RUNNER_TEMP"] || tmpdir()

export const home = (uid: number | undefined = process.getuid?.()): Home => {
  const named = process.env["RGRID_HOME"] || ""
  if (named !== "") return { directory: resolve(named), temporary: false }
  if (uid !== 0) return { directory: join(temporary(), "rgrid"), temporary: true }
  // Root's Postgres is another user, who may not pass through the runner's own directories.
  const job = createHash("sha256").update(temporary()).digest("hex").slice(0, 12)
  return { directory: `/var/lib/rgrid-${job}`, temporary: true }
}

const secret = /^(?:INPUT|ACTIONS)_|^GITHUB_TOKEN$|^RGRID_API_KEY$/

const saved = /^STATE_|^GITHUB_(?:OUTPUT|STATE|ENV|PATH|STEP_SUMMARY)$/

const without = (env: NodeJS.ProcessEnv, ...patterns: ReadonlyArray<RegExp>): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !patterns.some((pattern) => pattern.test(name))))

/** What a checked-out project may pass on to its scripts. */
export const ofTheJob = (): NodeJS.ProcessEnv => without(process.env, secret)

/** Without the step's own secrets and files: a grid outlives the step, and may run scripts beside itself. */
export const environment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => without(env, secret, saved)

/** npm obeys the `.npmrc` of the directory it is called in: one that was checked out must not choose what is installed. */
export const around = () => ({ cwd: temporary(), env: environment() })

/** Stops the grid that lives where `RGRID_HOME` says. */
export const down = ([program, ...args]: ReadonlyArray<string>) => promisify(execFile)(program!, [...args, "down"], around())
