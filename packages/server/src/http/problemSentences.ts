/** What a problem says to whoever reads the answer itself: what happened, and what to do. */
import type { Problem } from "rgrid/api/Errors"

export interface Said {
  readonly detail: string
  readonly remediation: string
}

const lists = { execution: "executions", batch: "batches", key: "keys" } as const

const unrepeatable = {
  files: "Not all of its files reached the grid.",
  stdin: "Not all of its stdin reached the grid.",
  members: "None of its items is such."
} as const

const notFound = ({ id, nearest, what }: Extract<Problem, { _tag: "NotFound" }>): Said => ({
  detail: what === "output" ? `The script made no file ${id}.` : `There is no ${what} ${id}.`,
  remediation: nearest !== undefined
    ? `Did you mean ${nearest}?`
    : what === "output" || what === "log"
    ? "GET /api/v1/executions/{id}/outputs lists what it made."
    : `GET /api/v1/${lists[what]} lists those of your account.`
})

export const said = (problem: Problem): Said => {
  switch (problem._tag) {
    case "Malformed":
      return {
        detail: "The request has not the shape it should have.",
        remediation: "Mend what errors names; GET /openapi.json says what each request is made of."
      }
    case "Unauthorized":
      return {
        detail: "There is no key, or it is malformed, unknown or revoked.",
        remediation: "Send Authorization: Bearer rgrid_live_…; an admin of the grid makes keys."
      }
    case "Forbidden":
      return {
        detail: `This needs a key with scope ${problem.scope}.`,
        remediation: "Use such a key; an admin of the grid makes keys."
      }
    case "NotFound":
      return notFound(problem)
    case "Unended":
      return { detail: `${problem.id} has not ended.`, remediation: "Wait for its end, or cancel it first." }
    case "Unrepeatable":
      return {
        detail: `${problem.id} can't be run again as it was. ${unrepeatable[problem.lacks]}`,
        remediation: "Submit it anew."
      }
    case "Ambiguous":
      return {
        detail: `Several begin with ${problem.id}: ${problem.matches.join(", ")}.`,
        remediation: "Give more of the id."
      }
    case "KeyReused":
      return {
        detail: `The idempotency key ${problem.key} was used for another job.`,
        remediation: "Use a new key for a new job."
      }
    case "AttemptStale":
      return {
        detail: `Attempt ${problem.fence} of ${problem.execution} is over.`,
        remediation: "Stop it: nothing it does counts."
      }
    case "LogOffsetMismatch":
      return { detail: `It ends at byte ${problem.length}.`, remediation: "Go on from there." }
    case "Unprocessable":
      return { detail: problem.detail, remediation: "Mend that and send it again." }
    case "ServerFault":
      return {
        detail: "The grid failed, and not by what was asked.",
        remediation: "Its log tells more; try again later."
      }
    case "Unavailable":
      return { detail: problem.detail, remediation: "Try again in a moment; GET /health tells what is wrong." }
  }
}
