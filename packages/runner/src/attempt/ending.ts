/** How an attempt ended, from what its slot saw and what we did to it. Pure. */
import type { Ending } from "rgrid/domain/ExecutionState"
import type { Failure } from "rgrid/domain/Failure"
import { lastLines } from "rgrid/domain/causes/lastLines"
import { recognise } from "rgrid/domain/causes/recognise"
import type { JobSpec } from "rgrid/domain/JobSpec"
import type { Refused } from "../dependencies/build.ts"
import type { SandboxReason, SlotExit } from "rgrid/ports/Sandbox"

/** What the runner did to a running script. */
export type Intervention = "timeout" | "cancel"

export interface Told extends Ending {
  /** The script's own exit status, 128 + n after signal n; null when it did not end by itself. */
  readonly exitCode: number | null
}

export type Outcome =
  | { readonly _tag: "Ended"; readonly told: Told }
  /** Not the script's doing: the server may make another attempt. */
  | { readonly _tag: "Lost"; readonly detail: string }

export interface Circumstances {
  readonly intervention: Intervention | null
  readonly timeoutSeconds: number | undefined
  readonly memoryLimitBytes: number | undefined
  /** The end of what the script wrote there, masked. */
  readonly stderr: string
  readonly spec: Pick<JobSpec, "runtime" | "script" | "files" | "network">
}

const ended = (state: Told["state"], failure: Failure | null, exitCode: number | null): Outcome => ({
  _tag: "Ended",
  told: { state, failure, exitCode }
})

export const canceled: Outcome = ended("canceled", { _tag: "Canceled" }, null)

const intervened = (intervention: Intervention, seconds: number): Outcome =>
  intervention === "cancel" ? canceled : ended("timed_out", { _tag: "TimedOut", seconds }, null)

/** What the script's last words tell. */
const told = (exit: SlotExit, { memoryLimitBytes, spec, stderr }: Circumstances) => {
  const files = spec.files.map(({ path }) => path)
  const about = { exitCode: exit.code, signal: exit.signal, memoryBytes: memoryLimitBytes, ...spec, files }
  const cause = recognise(stderr, about)
  const tail = lastLines(stderr)
  return { ...(cause === null ? {} : { cause }), ...(tail === "" ? {} : { tail }) }
}

const byItself = (exit: SlotExit, circumstances: Circumstances): Outcome => {
  const limitBytes = circumstances.memoryLimitBytes ?? null
  if (exit.code === 0) return ended("completed", null, 0)
  const exitCode = exit.code ?? 128 + (exit.signal ?? 0)
  if (exit.oomKilled) {
    return ended("failed", { _tag: "OutOfMemory", limitBytes, peakBytes: exit.peakMemoryBytes }, exitCode)
  }
  return exit.code === null
    ? ended("failed", { _tag: "ScriptSignaled", signal: exit.signal ?? 0, ...told(exit, circumstances) }, exitCode)
    : ended("failed", { _tag: "ScriptExited", code: exit.code, ...told(exit, circumstances) }, exitCode)
}

/** Of an attempt whose script ran. */
export const ofExit = (exit: SlotExit, circumstances: Circumstances): Outcome => {
  if (circumstances.intervention !== null) {
    return intervened(circumstances.intervention, circumstances.timeoutSeconds ?? 0)
  }
  if (exit.reason === "deadline") return { _tag: "Lost", detail: "The lease ended while the server was away." }
  return byItself(exit, circumstances)
}

/** Of an attempt with an input that has no place in a slot: no other attempt would find one. */
export const ofMisplaced = (path: string): Outcome => ended("failed", { _tag: "InputUnplaceable", path }, null)

/** Of an attempt whose script needs what can't be installed. */
export const ofRefused = (declared: string, { reason, tail }: Pick<Refused, "reason" | "tail">): Outcome =>
  ended("failed", { _tag: "DependenciesFailed", declared, reason, tail }, null)

/** Of an attempt that its sandbox could not run to an end. */
export const ofRefusal = (reason: typeof SandboxReason.Type, runtime: string): Outcome => {
  switch (reason._tag) {
    case "StartRefused":
      return ended("failed", { _tag: "InterpreterMissing", program: reason.program, code: reason.code, runtime }, null)
    case "ImageNotFound":
      return ended("failed", { _tag: "ImageMissing", image: reason.image, detail: reason.detail }, null)
    case "SlotLost":
      return { _tag: "Lost", detail: `The slot ended under the script: ${reason.detail}` }
    case "SandboxUnavailable":
      return { _tag: "Lost", detail: `The ${reason.sandbox} sandbox can't be used: ${reason.detail}` }
    case "DiskFull":
      return { _tag: "Lost", detail: `The worker's disk is full at ${reason.path}.` }
  }
}
