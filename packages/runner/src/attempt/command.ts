/** What is started in a slot, and with which environment. Pure. */
import type { JobSpec } from "rgrid/domain/JobSpec"
import type { Assignment } from "rgrid/api/RunnerProtocol"

/** What a sandbox's scripts find around them. */
export interface Surroundings {
  /** Where the script sees its workspace. */
  readonly workdir: string
  readonly path: string
  readonly home: string
  /** File of further certificate authorities, as the script sees it. */
  readonly caBundle: string | undefined
}

/**
 * A path as the script must be given it. Where the caller's directory could not be had in the slot, what was typed with
 * that directory in front is found at the workspace.
 */
const seen = (spec: JobSpec, workdir: string, path: string): string =>
  workdir !== spec.cwd && path.startsWith(`${spec.cwd}/`) ? workdir + path.slice(spec.cwd.length) : path

const argumentOf = (spec: JobSpec, workdir: string, staged: ReadonlySet<string>) => (argument: string): string => {
  const inside = argument.startsWith(`${spec.cwd}/`) ? argument.slice(spec.cwd.length + 1) : null
  return inside !== null && staged.has(inside) ? seen(spec, workdir, argument) : argument
}

export const argv = (spec: JobSpec, workdir: string): readonly [string, ...Array<string>] => {
  const staged = new Set([...spec.files.map((file) => file.path), ...spec.directories])
  const script = seen(spec, workdir, spec.script)
  const args = spec.args.map(argumentOf(spec, workdir, staged))
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

export const environment = (
  { execution, fence, spec }: Pick<Assignment, "execution" | "fence" | "spec">,
  surroundings: Surroundings
): Record<string, string> => ({
  PATH: surroundings.path,
  HOME: surroundings.home,
  LANG: "C.UTF-8",
  // What a script prints is shown as it prints it.
  PYTHONUNBUFFERED: "1",
  // Else every import would leave a __pycache__ among the outputs.
  PYTHONDONTWRITEBYTECODE: "1",
  ...(surroundings.caBundle === undefined ? {} : authorities(surroundings.caBundle)),
  ...spec.env,
  ...spec.secrets,
  RGRID_EXECUTION_ID: execution,
  RGRID_ATTEMPT: String(fence)
})
