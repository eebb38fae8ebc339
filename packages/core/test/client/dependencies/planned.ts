/** What a run in a directory made of a table of files would have installed. */
import * as Effect from "effect/Effect"
import { join } from "node:path"
import type { InstallFile } from "rgrid/client/dependencies/Installing"
import { plan, type RunRequest } from "rgrid/client/prepare"
import { project, type Tree } from "../travel/project.ts"

export interface Where {
  readonly script?: string
  /** Working directory below the table's root. */
  readonly cwd?: string
  readonly requirements?: string
  readonly runtime?: string
}

export const requestIn = (tree: Tree, { cwd = "", script = "main.py", ...rest }: Where = {}): RunRequest => ({
  script,
  args: [],
  cwd: join(project({ [join(cwd, script)]: "", ...tree }), cwd),
  env: {},
  secrets: {},
  ...rest
})

const planned = (tree: Tree, where?: Where) => plan(requestIn(tree, where))

/** The files' texts by their paths; of what is sent as it stands here, `here:` and its name. */
const shown = (file: InstallFile): readonly [string, string] =>
  [file.path, "text" in file ? file.text : `here: ${file.here.slice(file.here.lastIndexOf("/") + 1)}`]

export const installed = (tree: Tree, where?: Where) =>
  Effect.map(planned(tree, where), ({ installing: { remarks, wanted } }) => ({
    kind: wanted?.kind ?? null,
    declared: wanted?.declared ?? null,
    packages: wanted?.packages ?? 0,
    root: wanted?.root,
    files: Object.fromEntries((wanted?.files ?? []).map(shown)),
    paths: (wanted?.files ?? []).map(({ path }) => path),
    remarks: Object.fromEntries(remarks.map(({ what, why }) => [what, why]))
  }))

/** The error that stops the run. */
export const refused = (tree: Tree, where?: Where) => Effect.flip(planned(tree, where))
