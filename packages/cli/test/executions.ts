/** Executions as a test needs them. */
import * as DateTime from "effect/DateTime"
import type { Execution } from "rgrid/domain/Execution"
import { isFinal, type State } from "rgrid/domain/ExecutionState"
import { executionId, runnerId } from "rgrid/domain/Id"

type Plain = Omit<Partial<Execution>, "startedAt" | "endedAt" | "createdAt" | "state">

interface Wanted extends Plain {
  readonly state: State
  readonly createdAt?: number
  /** Milliseconds since 1970. */
  readonly startedAt?: number
  /** How long it ran. */
  readonly seconds?: number
}

export const execution = ({ createdAt = 0, seconds, startedAt, state, ...over }: Wanted): Execution => {
  const began = startedAt ?? (seconds === undefined ? null : createdAt)
  const ended = isFinal(state) ? (began ?? createdAt) + (seconds ?? 0) * 1000 : null
  const instant = (millis: number | null) => (millis === null ? null : DateTime.makeUnsafe(millis))
  return {
    id: executionId(0),
    state,
    retryOf: null,
    batch: null,
    attempt: began === null ? 0 : 1,
    script: "process.py",
    args: [],
    runtime: "python:3.11",
    cwd: "/home/me",
    resources: {},
    timeoutSeconds: null,
    metadata: {},
    env: [],
    cancelRequested: false,
    createdAt: DateTime.makeUnsafe(createdAt),
    startedAt: instant(began),
    endedAt: instant(ended),
    exitCode: state === "completed" ? 0 : null,
    failure: null,
    runner: began === null ? null : runnerId(0),
    sandbox: began === null ? null : "docker",
    outputs: { files: 0, bytes: 0 },
    log: { stdoutBytes: 0, stderrBytes: 0 },
    usage: null,
    cost: { micros: 0, phase: "estimated", price: began === null ? null : { hourlyMicros: 0, slots: 1 } },
    ...over
  }
}
