/** How a step ends: its outputs, summary, annotations, and what GitHub itself is told. */
import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import { readdirSync } from "node:fs"
import { annotate, annotationsOf } from "./annotations.ts"
import { explain, explainFailure, joined, type StepError } from "./errors.ts"
import { count, duration } from "./format.ts"
import { workflowOf } from "./github.ts"
import { showLastWords } from "./group.ts"
import type { Inputs } from "./inputs.ts"
import { say } from "./log.ts"
import { code } from "./markdown.ts"
import { hidden } from "./mask.ts"
import type { Outcome } from "./Outcome.ts"
import { setOutputs } from "./outputs.ts"
import { report } from "./report.ts"
import { wordsOf } from "./request.ts"
import { tellGitHub, type Told } from "./tellGitHub.ts"

/** In one line. */
export const endOf = (outcome: Outcome): string => {
  const [cause] = outcome.causes
  if (!outcome.isBatch) return cause === undefined ? outcome.status : joined({ ...explainFailure(cause.failure), fix: "" })
  const all = outcome.succeeded + outcome.failed
  return outcome.failed === 0 ? `All ${count(all, "item")} succeeded.` : `${outcome.failed} of ${count(all, "item")} failed.`
}

const summarise = (text: string) =>
  process.env["GITHUB_STEP_SUMMARY"] === undefined
    ? Effect.void
    : Effect.tryPromise({ try: () => core.summary.addRaw(text, true).write(), catch: (cause) => cause as Error }).pipe(
      Effect.catch((error) => Effect.sync(() => core.warning(`There is no summary: ${error.message}`)))
    )

const told = (outcome: Outcome, inputs: Inputs, workspace: string): Told => ({
  state: outcome.fails ? "failure" : "success",
  description: hidden(`${endOf(outcome)} ${duration(outcome.millis)}`),
  // Nobody masks in a comment what the workflow took from `secrets`, and arguments may hold that.
  report: report(outcome, inputs.script, workflowOf(), workspace)
})

export const tellOutcome = Effect.fnUntraced(function*(outcome: Outcome, inputs: Inputs) {
  const workspace = process.env["GITHUB_WORKSPACE"] || inputs.cwd
  setOutputs(outcome)
  showLastWords(outcome.causes)
  for (const line of outcome.missing) core.warning(line)
  if (inputs.annotate) annotate(annotationsOf(outcome, inputs.script, { workspace, cwd: inputs.cwd }), outcome.fails)
  yield* summarise(report(outcome, wordsOf(inputs), workflowOf(), workspace))
  yield* tellGitHub(inputs, told(outcome, inputs, workspace))
  if (outcome.fails) core.setFailed(`${inputs.script}: ${endOf(outcome)}`)
  else say(`✓ ${inputs.script}: ${endOf(outcome)} (${duration(outcome.millis)})`)
})

const isEmpty = (directory: string): boolean => {
  try {
    return readdirSync(directory).length === 0
  } catch {
    return false
  }
}

/** The one mistake that a workflow has and a terminal has not. */
const remark = (error: StepError): string =>
  error._tag === "ScriptMissing" && isEmpty(process.env["GITHUB_WORKSPACE"] ?? "")
    ? " The workspace is empty: actions/checkout is the step that fills it."
    : ""

/** What kept the step from running at all. */
export const tellError = Effect.fnUntraced(function*(error: StepError, inputs: Inputs | null) {
  const words = `${joined(explain(error))}${remark(error)}`
  core.setOutput("status", "error")
  if (inputs !== null) {
    const description = hidden(words)
    yield* tellGitHub(inputs, { state: "error", description, report: `### ❌ ${code(description)}\n` })
  }
  core.setFailed(words)
})
