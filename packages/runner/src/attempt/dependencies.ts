/** What an attempt's script finds installed: had before its slot is made, since it is mounted there. */
import * as Effect from "effect/Effect"
import { posix } from "node:path"
import type { Assignment } from "rgrid/api/RunnerProtocol"
import { millisOf as submittedAt } from "rgrid/domain/Id"
import type { Dependencies, JobSpec } from "rgrid/domain/JobSpec"
import { type Mount, Sandbox, type SlotRequest } from "rgrid/ports/Sandbox"
import { layerPath, modulesIn } from "../dependencies/build.ts"
import { Layers } from "../dependencies/Layers.ts"
import { Need } from "../dependencies/Need.ts"
import { toolOf } from "../dependencies/recipes.ts"
import { Settings } from "../Settings.ts"
import { isWithin, mountableOutside } from "../slot/workdir.ts"
import type { AttemptClient } from "./AttemptClient.ts"
import * as inputs from "./inputs.ts"
import { seesThisMachine } from "./place.ts"
import { type Tell, telling } from "./progress.ts"
import { timed } from "./timed.ts"

/** Installed, for one runtime. */
export interface Installed {
  readonly dependencies: Dependencies
  /** Directory on this worker that is mounted. */
  readonly source: string
  /** How long it was waited for. */
  readonly millis: number
}

/** Scripts that are executed themselves name their program in their first line: there it is the usual one. */
const programOf = ({ dependencies, interpreter: [program] }: JobSpec): string => {
  const usual = dependencies !== undefined && toolOf(dependencies.kind) === "npm" ? "node" : "python3"
  return program !== undefined && posix.basename(program).startsWith(usual.slice(0, 4)) ? program : usual
}

const needOf = Effect.fnUntraced(function*({ account, spec }: Assignment, dependencies: Dependencies, image: string) {
  const { identify } = yield* Sandbox
  const { npmRegistry, packageIndex } = yield* Settings
  const program = programOf(spec)
  return new Need({
    account,
    dependencies,
    image,
    program,
    runtime: yield* identify(image, program),
    sources: {
      ...(packageIndex === undefined ? {} : { packageIndex }),
      ...(npmRegistry === undefined ? {} : { npmRegistry })
    }
  })
})

const sourceOf = (need: Need, tree: string): string =>
  toolOf(need.parts.dependencies.kind) === "npm" ? modulesIn(need, tree) : tree

/** Null when the job needs nothing. What is installed stays while the scope is open. */
export const install = Effect.fnUntraced(function*(
  assignment: Assignment,
  image: string,
  client: AttemptClient,
  tell: Tell
) {
  const { dependencies } = assignment.spec
  if (dependencies === undefined) return null
  const layers = yield* Layers
  const need = yield* telling(image, tell)(needOf(assignment, dependencies, image))
  // Built once for all that were submitted at the same moment, and not by what was there before.
  if (dependencies.fresh === true) yield* layers.outdate(need, submittedAt(assignment.execution))
  if (!layers.has(need)) yield* inputs.bring({ ...assignment.spec, files: [] }, client)
  const line = Effect.sync(() => layers.line(need))
  const wait = telling(image, tell, { declared: dependencies.declared, line })
  const [tree, millis] = yield* timed(wait(layers.get(need)))
  return { dependencies, source: sourceOf(need, tree), millis } satisfies Installed as Installed
})

/** Null: the script sees this machine's own directory there, or none. */
const modulesAt = (sandbox: string, { cwd }: JobSpec, workdir: string, root: string): string | null => {
  const path = posix.resolve(cwd, root)
  if (isWithin(path, cwd)) return posix.join(workdir, posix.relative(cwd, path), "node_modules")
  return !seesThisMachine(sandbox) && mountableOutside(path, workdir) ? posix.join(path, "node_modules") : null
}

/** The request, with what is installed in it. */
export const mounted = (
  sandbox: string,
  spec: JobSpec,
  request: SlotRequest,
  installed: Installed | null
): SlotRequest => {
  if (installed === null) return request
  const { dependencies: { kind, root }, source } = installed
  const at = toolOf(kind) === "uv" ? layerPath : modulesAt(sandbox, spec, request.workdir, root ?? ".")
  const mounts: ReadonlyArray<Mount> = at === null ? [] : [{ source, at, writable: false }]
  return { ...request, mounts }
}

/** What activating an environment of Python sets. */
export const environment = (
  sandbox: string,
  installed: Installed | null,
  env: Readonly<Record<string, string>>
): Readonly<Record<string, string>> => {
  if (installed === null || toolOf(installed.dependencies.kind) === "npm") return env
  const directory = seesThisMachine(sandbox) ? installed.source : layerPath
  return { ...env, PATH: `${directory}/bin:${env["PATH"] ?? ""}`, VIRTUAL_ENV: directory }
}
