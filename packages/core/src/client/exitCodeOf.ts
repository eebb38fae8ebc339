/** The exit code that tells an execution's end here (FR70). */
import type { Execution } from "../domain/Execution.ts"
import type { Failure } from "../domain/Failure.ts"
import { exitCodes } from "./exitCodes.ts"

export const codeOf = (failure: Failure): number => {
  switch (failure._tag) {
    case "ScriptExited":
      return failure.code
    case "ScriptSignaled":
      return 128 + failure.signal
    case "OutOfMemory":
      return exitCodes.killed
    case "TimedOut":
      return exitCodes.timeout
    case "Canceled":
    case "Halted":
      return exitCodes.interrupted
    case "InterpreterMissing":
      return exitCodes.notFound
    case "ImageMissing":
    case "InputUnplaceable":
    case "AttemptsLost":
    case "UploadExpired":
    case "DependenciesFailed":
      return exitCodes.grid
  }
}

/** What `rgrid run` exits with for an ended execution. */
export const exitCodeOf = ({ failure, state }: Pick<Execution, "failure" | "state">): number => {
  if (failure !== null) return codeOf(failure)
  return state === "completed" ? exitCodes.ok : exitCodes.grid
}
