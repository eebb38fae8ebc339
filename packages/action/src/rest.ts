/** GitHub's own pages of a run: a commit's status and a pull request's comment. */
import * as core from "@actions/core"
import { retry } from "@octokit/plugin-retry"
import { throttling } from "@octokit/plugin-throttling"
import { Octokit } from "@octokit/rest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Workflow } from "./github.ts"

/** GitHub did not do as asked. Never a reason for a step to fail. */
export class GitHubRefused extends Schema.TaggedError<GitHubRefused>()("GitHubRefused", {
  what: Schema.String,
  detail: Schema.String
}) {}

/** Longer than a job should wait for a remark. */
const longestWaitSeconds = 60
const waits = (retryAfter: number, _options: unknown, _octokit: unknown, tried: number): boolean =>
  tried < 2 && retryAfter <= longestWaitSeconds

const debug = (message: string): void => core.debug(message)

const octokit = (token: string, api: string, signal: AbortSignal): Octokit =>
  new (Octokit.plugin(retry, throttling))({
    auth: token,
    baseUrl: api,
    userAgent: "rgrid-run-script",
    log: { debug, info: debug, warn: debug, error: debug },
    throttle: { onRateLimit: waits, onSecondaryRateLimit: waits },
    request: { signal }
  })

/** With all that is tried again. A GitHub that does not answer must not hold a job that is done. */
const patience = "3 minutes"

/** The repository, and whose token it is asked with. */
export interface Asking extends Workflow {
  readonly token: string
}

const asking = (what: string, { api, token }: Asking, call: (github: Octokit) => Promise<unknown>) =>
  Effect.tryPromise({
    try: (signal) => call(octokit(token, api, signal)),
    catch: (cause) => new GitHubRefused({ what, detail: cause instanceof Error ? cause.message : String(cause) })
  }).pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.fail(new GitHubRefused({ what, detail: `no answer in ${patience}` }))
    })
  )

const longestDescription = 140

export interface Status {
  readonly context: string
  readonly state: "success" | "failure" | "error"
  readonly description: string
}

export const setStatus = (where: Asking, status: Status) =>
  asking("The commit's status was not set", where, (github) =>
    github.rest.repos.createCommitStatus({
      owner: where.owner,
      repo: where.repo,
      sha: where.sha,
      state: status.state,
      context: status.context,
      description: status.description.slice(0, longestDescription),
      target_url: where.runUrl
    }))

/** Which comment is meant; a comment of HTML, which nobody sees. */
const markerOf = ({ job, workflow }: Workflow, name: string): string =>
  `<!-- rgrid/run-script ${encodeURIComponent(JSON.stringify([workflow, job, name])).replaceAll("-", "%2D")} -->`

/** Anyone may write a marker: only the workflow's own comment counts, which is a bot's or the token's owner's. */
const ours = async (github: Octokit, { owner, repo }: Workflow, number: number, marker: string) => {
  const comments = await github.paginate(github.rest.issues.listComments, { owner, repo, issue_number: number, per_page: 100 })
  const marked = comments.filter(({ body }) => body?.startsWith(marker) === true)
  const bots = marked.find(({ user }) => user?.type === "Bot")
  if (bots !== undefined || marked.length === 0) return bots
  // A workflow's own token has no user to ask for.
  const self = await github.rest.users.getAuthenticated().then(({ data }) => data.id, () => null)
  return marked.find(({ user }) => user?.id === self)
}

/** Writes it once; later runs of the same job change it. */
export const putComment = (where: Asking, number: number, name: string, text: string) =>
  asking("The comment was not written", where, async (github) => {
    const { owner, repo } = where
    const marker = markerOf(where, name)
    const body = `${marker}\n${text}`
    const before = await ours(github, where, number, marker)
    return before === undefined
      ? github.rest.issues.createComment({ owner, repo, issue_number: number, body })
      : github.rest.issues.updateComment({ owner, repo, comment_id: before.id, body })
  })
