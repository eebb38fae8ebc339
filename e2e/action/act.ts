/** Workflows run by act, a runner that is not ours, on this machine itself. */
import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { goTool } from "../../scripts/go-tools.mjs"
import { git, rgridProgram, type TestGrid } from "../harness.ts"
import { put } from "./steps.ts"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
export const actionDirectory = here("../../packages/action")
export const workflows = here("../../examples/workflows")

export const act = goTool("act")
export const actionlint = goTool("actionlint")

/** What a user's workflow names. */
const published = "rgrid/run-script@v1"

export interface Acted {
  readonly code: number | null
  /** Without colours; what a job's steps say has its name before it. */
  readonly text: string
}

/** A repository with these files and the examples' workflows. */
export const repository = async (grid: TestGrid, files: Readonly<Record<string, string>>): Promise<string> => {
  const root = mkdtempSync(join(grid.home, "repository-"))
  cpSync(workflows, join(root, ".github/workflows"), { recursive: true })
  put(root, files)
  await git(root, "init", "-b", "main")
  await git(root, "add", "-A")
  await git(root, "commit", "-m", "one")
  await git(root, "remote", "add", "origin", "https://github.com/octo-org/octo-repo")
  return root
}

export interface Acting {
  readonly event?: string
  readonly env?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, string>>
}

const each = (flag: string, values: Readonly<Record<string, string>> = {}): ReadonlyArray<string> =>
  Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])

export const runWorkflow = (
  grid: TestGrid,
  root: string,
  workflow: string,
  { env, event = "push", secrets, vars }: Acting = {}
): Promise<Acted> => {
  const args = [
    event,
    "--workflows",
    `.github/workflows/${workflow}`,
    "--platform",
    "ubuntu-latest=-self-hosted",
    "--local-repository",
    `${published}=${actionDirectory}`,
    ...each("--env", { RGRID_BIN: rgridProgram, RGRID_HOME: grid.directory, ...env }),
    ...each("--secret", secrets),
    ...each("--var", vars)
  ]
  const environment = grid.environment()
  const child = spawn(act!, args, {
    cwd: root,
    // Its runners' directories too.
    env: { ...environment, NO_COLOR: "1", XDG_CACHE_HOME: join(grid.home, "act"), PATH: `${dirname(process.execPath)}:${environment["PATH"]}` },
    stdio: ["ignore", "pipe", "pipe"],
    // One that hangs is shown as far as it came.
    timeout: 120_000
  })
  let text = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (piece: string) => text += piece)
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, text })))
}

/** The workflows as they are where the Action is a directory of the same repository: actionlint then knows its inputs. */
export const withLocalAction = (grid: TestGrid): string => {
  const root = mkdtempSync(join(grid.home, "lint-"))
  const place = join(root, ".github/workflows")
  mkdirSync(place, { recursive: true })
  mkdirSync(join(root, ".git"))
  put(root, { "action/action.yml": readFileSync(join(actionDirectory, "action.yml"), "utf8"), "action/dist/index.js": "" })
  for (const name of readdirSync(workflows)) {
    const text = readFileSync(join(workflows, name), "utf8").replaceAll(published, "./action")
    writeFileSync(join(place, name), text)
  }
  return root
}
