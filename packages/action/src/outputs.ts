/** What later steps can read. */
import * as core from "@actions/core"
import type { Outcome } from "./Outcome.ts"

/** `0.0125`, without rounding. */
export const eurosOf = (micros: number): string => (micros / 1_000_000).toFixed(6).replace(/\.?0+$/, "")

export const setOutputs = ({ directory, exitCode, failed, micros, status, succeeded }: Outcome): void => {
  core.setOutput("status", status)
  core.setOutput("exit-code", exitCode ?? "")
  core.setOutput("cost", eurosOf(micros))
  core.setOutput("succeeded", succeeded)
  core.setOutput("failed", failed)
  core.setOutput("outputs-path", directory)
}
