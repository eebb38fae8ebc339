import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import { type Workflow, workflowOf } from "./github.ts"
import type { Wanted } from "./inputs.ts"
import { type GitHubRefused, putComment, setStatus, type Status } from "./rest.ts"

export interface Told {
  readonly state: Status["state"]
  readonly description: string
  /** Markdown. */
  readonly report: string
}

const rights = "Does the job have permissions: statuses: write and pull-requests: write?"

const warn = ({ detail, what }: GitHubRefused) => Effect.sync(() => core.warning(`${what}: ${detail}. ${rights}`))

const requests = (wanted: Wanted, workflow: Workflow, { description, report, state }: Told) => {
  const where = { ...workflow, token: wanted.githubToken }
  const { comment, status: context } = wanted
  return [
    ...(context === null ? [] : [setStatus(where, { context, state, description })]),
    ...(comment === null || workflow.pullRequest === null
      ? []
      : [putComment(where, workflow.pullRequest, comment, report)])
  ]
}

/** The status and the comment that are wanted. What GitHub refuses is a warning. */
export const tellGitHub = Effect.fnUntraced(function*(wanted: Wanted, told: Told) {
  if (wanted.comment === null && wanted.status === null) return
  const workflow = workflowOf()
  if (workflow === null || wanted.githubToken === "") {
    return core.warning("There is no comment and no status: no repository or no github-token is known.")
  }
  if (wanted.comment !== null && workflow.pullRequest === null) core.info("No comment: this is no run of a pull request.")
  yield* Effect.forEach(requests(wanted, workflow, told), Effect.catch(warn), { discard: true })
})
