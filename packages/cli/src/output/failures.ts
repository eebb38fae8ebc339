/** What became of an execution: its exit code here, and the words when it did not complete (FR70). */
import { explain } from "rgrid/client/sentences"
import type { Execution } from "rgrid/domain/Execution"
import type { Failure } from "rgrid/domain/Failure"
import { exitCodes } from "../exitCodes.ts"
import { plain } from "./format.ts"
import type { Explained } from "./sentences.ts"

/** Root causes that a script's last words tell, and what to do about them. */
const hints: ReadonlyArray<readonly [pattern: RegExp, fix: (match: RegExpExecArray) => string]> = [
  [/ModuleNotFoundError: No module named '([^']+)'/, (m) => `Choose an image that has ${m[1]}: --runtime IMAGE.`],
  [/Cannot find (?:module|package) '([^']+)'/, (m) => `Choose an image that has ${m[1]}: --runtime IMAGE.`],
  [/FileNotFoundError: .*: '([^']+)'/, (m) => `Name ${m[1]} as an argument, so that it is sent with the script.`],
  [/ENOENT: no such file or directory, \w+ '([^']+)'/, (m) => `Name ${m[1]} as an argument, so that it is sent.`],
  [/(?:SyntaxError|IndentationError|TabError): /, () => "Correct the script, or choose another version: --runtime."],
  [/No space left on device|OSError: \[Errno 28\]/, () => "Write less, or free space where the grid runs."],
  [/^MemoryError/, () => "Give it more memory, for example --memory 4g."]
]

const rootCause = (stderr: string): string => {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  // Node ends a trace with its version; the line that tells is further up.
  const telling = lines.findLast((line) => /^(?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt)\b.*/.test(line))
  return plain(telling ?? lines.at(-1) ?? "").slice(0, 300)
}

const hint = (cause: string): string | undefined => {
  for (const [pattern, fix] of hints) {
    const match = pattern.exec(cause)
    if (match !== null) return fix(match)
  }
}

const codeOf = (failure: Failure): number => {
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
      return exitCodes.interrupted
    case "InterpreterMissing":
      return exitCodes.notFound
    case "ImageMissing":
    case "InputUnplaceable":
    case "AttemptsLost":
    case "UploadExpired":
      return exitCodes.grid
  }
}

/** Whether the failure is nothing but the script's own end, which its exit code tells. */
export const isItsOwn = (failure: Failure): boolean =>
  failure._tag === "ScriptExited" || failure._tag === "ScriptSignaled"

/** A failure's words. `stderr` is the end of what the script wrote there; it tells why a script ended itself. */
export const ofFailure = (failure: Failure, stderr: string): Explained => {
  const { fix, what, why } = explain(failure)
  const cause = isItsOwn(failure) ? rootCause(stderr) : plain(why)
  const remedy = isItsOwn(failure) ? hint(cause) ?? fix : fix
  return { what: plain(what), why: cause, fix: plain(remedy), exitCode: codeOf(failure) }
}

/** What `rgrid run` exits with for an ended execution. */
export const exitCodeOf = ({ failure, state }: Pick<Execution, "failure" | "state">): number => {
  if (failure !== null) return codeOf(failure)
  return state === "completed" ? exitCodes.ok : exitCodes.grid
}
