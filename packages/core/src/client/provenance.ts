/**
 * Where a job comes from, as far as CI or git tell it: labels that every execution is found by. Nothing is started for it;
 * of git a few small files are read.
 */
import { existsSync } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { dirname, isAbsolute, join, resolve } from "node:path"

export interface Provenance {
  /** The whole hash. */
  readonly commit?: string
  /** In full, as `refs/heads/main`. */
  readonly ref?: string
  readonly actor?: string
  readonly workflow?: string
  /** Address of the run. */
  readonly run?: string
}

type Environment = Readonly<Record<string, string | undefined>>
type Told = { readonly [Key in keyof Provenance]: string | undefined }

const branch = (name: string | undefined): string | undefined =>
  name === undefined || name === "" ? undefined : name.startsWith("refs/") ? name : `refs/heads/${name}`

const tag = (name: string | undefined): string | undefined => name ? `refs/tags/${name}` : undefined

const github = (env: Environment): Told => ({
  commit: env["GITHUB_SHA"],
  ref: env["GITHUB_REF"],
  actor: env["GITHUB_ACTOR"],
  workflow: env["GITHUB_WORKFLOW"],
  run: env["GITHUB_RUN_ID"] && env["GITHUB_REPOSITORY"] &&
    `${env["GITHUB_SERVER_URL"] || "https://github.com"}/${env["GITHUB_REPOSITORY"]}/actions/runs/${env["GITHUB_RUN_ID"]}`
})

const gitlab = (env: Environment): Told => ({
  commit: env["CI_COMMIT_SHA"],
  ref: env["CI_MERGE_REQUEST_REF_PATH"] || tag(env["CI_COMMIT_TAG"]) || branch(env["CI_COMMIT_BRANCH"]),
  actor: env["GITLAB_USER_LOGIN"],
  workflow: env["CI_PIPELINE_NAME"] || env["CI_JOB_NAME"],
  run: env["CI_PIPELINE_URL"]
})

const buildkite = (env: Environment): Told => ({
  commit: env["BUILDKITE_COMMIT"],
  ref: tag(env["BUILDKITE_TAG"]) ?? branch(env["BUILDKITE_BRANCH"]),
  actor: env["BUILDKITE_BUILD_CREATOR"],
  workflow: env["BUILDKITE_PIPELINE_SLUG"],
  run: env["BUILDKITE_BUILD_URL"]
})

const circle = (env: Environment): Told => ({
  commit: env["CIRCLE_SHA1"],
  ref: tag(env["CIRCLE_TAG"]) ?? branch(env["CIRCLE_BRANCH"]),
  actor: env["CIRCLE_USERNAME"],
  workflow: env["CIRCLE_JOB"],
  run: env["CIRCLE_BUILD_URL"]
})

const jenkins = (env: Environment): Told => ({
  commit: env["GIT_COMMIT"],
  ref: tag(env["TAG_NAME"]) ?? branch((env["BRANCH_NAME"] || env["GIT_BRANCH"])?.replace(/^origin\//, "")),
  actor: env["BUILD_USER_ID"],
  workflow: env["JOB_NAME"],
  run: env["BUILD_URL"]
})

/** By what each is known. */
const systems: ReadonlyArray<readonly [mark: string, told: (env: Environment) => Told]> = [
  ["GITHUB_ACTIONS", github],
  ["GITLAB_CI", gitlab],
  ["BUILDKITE", buildkite],
  ["CIRCLECI", circle],
  ["JENKINS_URL", jenkins]
]

const ofCi = (env: Environment): Told => systems.find(([mark]) => env[mark])?.[1](env) ?? {}

const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

/** Of others' making: no way out of the repository. */
const isRef = (text: string): boolean => /^refs\/[^\s\\:*?[~^\0]+$/.test(text) && !text.split("/").includes("..")

const textOf = async (...path: ReadonlyArray<string>): Promise<string> =>
  (await readFile(join(...path), "utf8").catch(() => "")).trim()

/** `.git`, or where the file of that name leads to: a worktree or a submodule has one. */
const gitDirectory = async (cwd: string): Promise<string | null> => {
  for (let place = resolve(cwd); ; place = dirname(place)) {
    const found = join(place, ".git")
    if (existsSync(found)) {
      if ((await stat(found)).isDirectory()) return found
      const led = /^gitdir: (.+)$/.exec(await textOf(found))?.[1]
      return led === undefined ? null : resolve(place, led)
    }
    if (dirname(place) === place) return null
  }
}

const packed = async (directory: string, ref: string): Promise<string> => {
  const text = `\n${await textOf(directory, "packed-refs")}`
  const end = text.indexOf(` ${ref}\n`)
  const at = end < 0 && text.endsWith(` ${ref}`) ? text.length - ref.length - 1 : end
  return at < 0 ? "" : text.slice(text.lastIndexOf("\n", at) + 1, at)
}

const commitOf = async (directory: string, ref: string): Promise<string> => {
  const own = await textOf(directory, ref)
  if (own !== "") return own
  const led = await textOf(directory, "commondir")
  const common = led === "" ? directory : isAbsolute(led) ? led : join(directory, led)
  return (led === "" ? "" : await textOf(common, ref)) || packed(common, ref)
}

const ofGit = async (cwd: string): Promise<Told> => {
  const directory = await gitDirectory(cwd)
  const head = directory === null ? "" : await textOf(directory, "HEAD")
  const ref = /^ref: (.+)$/.exec(head)?.[1]
  if (ref === undefined) return { commit: isCommit(head) ? head : undefined }
  if (!isRef(ref)) return {}
  const commit = await commitOf(directory!, ref)
  // A branch without a commit, or one that is kept in another way.
  return isCommit(commit) ? { commit, ref } : {}
}

/** What is known; nothing of what is not. */
export const provenance = async (cwd: string, env: Environment = process.env): Promise<Provenance> => {
  const ci = ofCi(env)
  if (isCommit(ci.commit ?? "")) return given(ci)
  // Buildkite names none but `HEAD` where a build was asked for without one.
  return given({ ...await ofGit(cwd).catch((): Told => ({})), ...given({ ...ci, commit: undefined }) })
}

const given = (told: Told): Provenance => Object.fromEntries(Object.entries(told).filter(([, value]) => value))
