import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import { type Workflow, workflowOf } from "./github.ts"
import type { Inputs } from "./inputs.ts"
import { type GitHubRefused, octokit, putComment, setStatus, type Status } from "./rest.ts"

export interface Told {
  readonly state: Status["state"]
  readonly description: string
  /** Markdown. */
  readonly report: string
}

const rights = "Does the job have permissions: statuses: write and pull-requests: write?"

const warn = ({ detail, what }: GitHubRefused) => Effect.sync(() => core.warning(`${what}: ${detail}. ${rights}`))

const requests = (inputs: Inputs, workflow: Workflow, { description, report, state }: Told) => {
  const github = octokit(inputs.githubToken, workflow)
  const { comment, status: context } = inputs
  return [
    ...(context === null ? [] : [setStatus(github, workflow, { context, state, description })]),
    ...(comment === null || workflow.pullRequest === null
      ? []
      : [putComment(github, workflow, workflow.pullRequest, comment, report)])
  ]
}

/** The status and the comment that are wanted. What GitHub refuses is a warning. */
export const tellGitHub = Effect.fnUntraced(function*(inputs: Inputs, told: Told) {
  if (inputs.comment === null && inputs.status === null) return
  const workflow = workflowOf()
  if (workflow === null || inputs.githubToken === "") {
    return core.warning("There is no comment and no status: no repository or no github-token is known.")
  }
  if (inputs.comment !== null && workflow.pullRequest === null) core.info("No comment: this is no run of a pull request.")
  yield* Effect.forEach(requests(inputs, workflow, told), Effect.catch(warn), { discard: true })
})
