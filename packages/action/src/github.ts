/** What the runner tells of the workflow, as documented: variables, and the event in a file. */
import { readFileSync } from "node:fs"

type Environment = Readonly<Record<string, string | undefined>>

interface PullRequest {
  readonly number?: unknown
  readonly head?: { readonly sha?: unknown }
}

interface Event {
  readonly pull_request?: PullRequest
  /** Of a comment: an issue, which may be a pull request. */
  readonly issue?: { readonly number?: unknown; readonly pull_request?: unknown }
}

export interface Workflow {
  readonly owner: string
  readonly repo: string
  /** What a status is of: of a pull request its own commit, not the one that merges it. */
  readonly sha: string
  readonly pullRequest: number | null
  readonly api: string
  readonly runUrl: string
  readonly commitUrl: string
  readonly job: string
  readonly workflow: string
}

const eventOf = (path: string | undefined): Event => {
  try {
    return JSON.parse(readFileSync(path ?? "", "utf8")) as Event
  } catch {
    return {}
  }
}

const numberOf = ({ issue, pull_request: pullRequest }: Event): number | null => {
  const number = pullRequest?.number ?? (issue?.pull_request === undefined ? undefined : issue.number)
  return typeof number === "number" ? number : null
}

/** Null where no repository is told. */
export const workflowOf = (env: Environment = process.env): Workflow | null => {
  const [owner, repo] = (env["GITHUB_REPOSITORY"] ?? "").split("/")
  if (!owner || !repo) return null
  const event = eventOf(env["GITHUB_EVENT_PATH"])
  const head = event.pull_request?.head?.sha
  const sha = typeof head === "string" ? head : env["GITHUB_SHA"] ?? ""
  const page = `${env["GITHUB_SERVER_URL"] || "https://github.com"}/${owner}/${repo}`
  return {
    owner,
    repo,
    sha,
    pullRequest: numberOf(event),
    api: env["GITHUB_API_URL"] || "https://api.github.com",
    runUrl: `${page}/actions/runs/${env["GITHUB_RUN_ID"] ?? ""}`,
    commitUrl: `${page}/commit/${sha}`,
    job: env["GITHUB_JOB"] ?? "",
    workflow: env["GITHUB_WORKFLOW"] ?? ""
  }
}
