/** How a step ends: its outputs, summary, annotations, and what GitHub itself is told. */
import * as core from "@actions/core"
import * as Effect from "effect/Effect"
import { readdirSync } from "node:fs"
import { count, duration } from "rgrid/client/amounts"
import { annotate, annotationsOf } from "./annotations.ts"
import { explain, explainFailure, joined, type StepError } from "./errors.ts"
import { workflowOf } from "./github.ts"
import { showLastWords } from "./group.ts"
import type { Inputs, Wanted } from "./inputs.ts"
import { say } from "./log.ts"
import { code } from "./markdown.ts"
import { hidden } from "./mask.ts"
import type { Outcome } from "./Outcome.ts"
import { setOutputs } from "./outputs.ts"
import { report } from "./report.ts"
import { wordsOf } from "./request.ts"
import { tellGitHub, type Told } from "./tellGitHub.ts"

const endOfSingle = ({ causes: [cause], status }: Outcome): string =>
  cause === undefined ? status : joined({ ...explainFailure(cause.failure), fix: "" })

const endOfBatch = ({ failed, succeeded }: Outcome): string => {
  const all = count(succeeded + failed, "item")
  return failed === 0 ? `All ${all} succeeded.` : `${failed} of ${all} failed.`
}

/** In one line. */
export const endOf = (outcome: Outcome): string => {
  const { isBatch, unfetched } = outcome
  const end = isBatch ? endOfBatch(outcome) : endOfSingle(outcome)
  if (unfetched === 0) return end
  return `${end.replace(/\.?$/, ".")} ${isBatch ? `The outputs of ${count(unfetched, "item")}` : "Its outputs"} were not fetched.`
}

const summarise = (text: string) =>
  process.env["GITHUB_STEP_SUMMARY"] === undefined
    ? Effect.void
    : Effect.tryPromise({ try: () => core.summary.addRaw(text, true).write(), catch: (cause) => cause as Error }).pipe(
      Effect.catch((error) => Effect.sync(() => core.warning(`There is no summary: ${error.message}`)))
    )

const told = (outcome: Outcome, inputs: Inputs, workspace: string): Told => ({
  // Of what was asked, whether or not the step fails with it.
  state: outcome.status !== "completed" || outcome.unfetched > 0 ? "failure" : "success",
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
export const tellError = Effect.fnUntraced(function*(error: StepError, wanted: Wanted) {
  const words = `${joined(explain(error))}${remark(error)}`
  core.setOutput("status", "error")
  yield* tellGitHub(wanted, { state: "error", description: hidden(words), report: `### ❌ ${code(words)}\n` })
  core.setFailed(words)
})
