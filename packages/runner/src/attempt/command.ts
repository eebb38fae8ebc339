/** What is started in a slot, and with which environment. Pure. */
import { posix } from "node:path"
import type { JobSpec } from "rgrid/domain/JobSpec"
import type { Assignment } from "rgrid/api/RunnerProtocol"
import { environment as runtimeEnvironment } from "rgrid/runtimes/resolve"

/** What a sandbox's scripts find around them. */
export interface Surroundings {
  /** Where the script sees its workspace. */
  readonly workdir: string
  /** The image's own variables. */
  readonly image: Readonly<Record<string, string>>
  /** Where programs are, unless the image says. */
  readonly path: string
  readonly home: string
  /** Name of the user the script runs as. */
  readonly user: string
  /** A UTF-8 locale that is there; the caller's own where this is its machine. */
  readonly locale: string
  /** File of further certificate authorities, as the script sees it. */
  readonly caBundle: string | undefined
}

const isInside = (path: string, cwd: string): boolean => cwd === "/" || path.startsWith(`${cwd}/`)

/** Leads out of the directory it is relative to. */
const leadsOut = (path: string): boolean => /^\.\.(\/|$)/.test(posix.normalize(path))

/**
 * A path as the script must be given it. Where the caller's directory could not be had in the slot, what was typed with
 * that directory in front is found at the workspace, and what was typed from there on outwards by its absolute path.
 */
const seen = ({ cwd }: JobSpec, workdir: string, typed: string): string => {
  if (workdir === cwd || (!typed.startsWith("/") && !leadsOut(typed))) return typed
  const path = posix.resolve(cwd, typed)
  if (path === cwd) return workdir
  const slash = typed.endsWith("/") && path !== "/" ? "/" : ""
  if (isInside(path, cwd)) return posix.join(workdir, posix.relative(cwd, path)) + slash
  return typed.startsWith("/") ? typed : path + slash
}

/** What was sent, and what a script may make beside it or in a directory it was given: `../out/result.json`. */
const namesStaged = (spec: JobSpec) => {
  const at = (path: string) => posix.resolve(spec.cwd, path)
  const files = spec.files.map(({ path }) => at(path))
  const parents = files.map((file) => posix.dirname(file))
  // Beneath `/` is everything, also what only looks like a path.
  const directories = new Set([spec.cwd, ...spec.directories.map(at), ...parents].filter((path) => path !== "/"))
  const staged = new Set([...files, ...directories])
  return (text: string): boolean =>
    text !== "" && (staged.has(at(text)) || directories.has(posix.dirname(at(text))))
}

/** `--input=../data.csv` names a file as much as `../data.csv` does: the client stages both. */
const argumentOf = (spec: JobSpec, workdir: string) => {
  const isStaged = namesStaged(spec)
  return (argument: string): string => {
    if (isStaged(argument)) return seen(spec, workdir, argument)
    const value = argument.slice(argument.indexOf("=") + 1)
    return argument.indexOf("=") > 0 && isStaged(value)
      ? argument.slice(0, -value.length) + seen(spec, workdir, value)
      : argument
  }
}

export const argv = (spec: JobSpec, workdir: string): readonly [string, ...Array<string>] => {
  const script = seen(spec, workdir, spec.script)
  const args = spec.args.map(argumentOf(spec, workdir))
  const [program, ...rest] = spec.interpreter
  if (program !== undefined) return [program, ...rest, script, ...args]
  // Without a slash a program is looked for on the PATH, where a script is not.
  return [script.includes("/") ? script : `./${script}`, ...args]
}

const authorities = (file: string): Record<string, string> => ({
  SSL_CERT_FILE: file,
  PIP_CERT: file,
  REQUESTS_CA_BUNDLE: file,
  NODE_EXTRA_CA_CERTS: file
})

/** A terminal's size where its output will be shown: the slot itself has none. */
const ofCaller = ({ columns, lines, terminal, timeZone }: NonNullable<JobSpec["surroundings"]> = {}) => ({
  ...(timeZone === undefined ? {} : { TZ: timeZone }),
  ...(terminal === undefined ? {} : { TERM: terminal }),
  ...(columns === undefined ? {} : { COLUMNS: String(columns) }),
  ...(lines === undefined ? {} : { LINES: String(lines) })
})

export const environment = (
  { execution, fence, spec }: Pick<Assignment, "execution" | "fence" | "spec">,
  surroundings: Surroundings
): Record<string, string> => ({
  PATH: surroundings.path,
  ...surroundings.image,
  HOME: surroundings.home,
  USER: surroundings.user,
  LOGNAME: surroundings.user,
  LANG: surroundings.locale,
  ...ofCaller(spec.surroundings),
  ...runtimeEnvironment,
  ...(surroundings.caBundle === undefined ? {} : authorities(surroundings.caBundle)),
  ...spec.env,
  ...spec.secrets,
  RGRID_EXECUTION_ID: execution,
  RGRID_ATTEMPT: String(fence)
})
