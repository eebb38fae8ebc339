/** What became of an execution that did not complete, in words (FR70). */
import { explain } from "rgrid/client/failureSentences"
import type { Failure } from "rgrid/domain/Failure"
import { codeOf } from "rgrid/client/exitCodeOf"
import { plain } from "./format.ts"
import type { Explained } from "./sentences.ts"

/** A trace has its error at its end; more of it is in the log. */
const mostLines = 20

/** Whether the failure is nothing but the script's own end, which its exit code tells. */
export const isItsOwn = (failure: Failure): boolean =>
  failure._tag === "ScriptExited" || failure._tag === "ScriptSignaled"

/** A failure's words. */
export const ofFailure = (failure: Failure): Explained => {
  const { fix, what, why } = explain(failure)
  return { what: plain(what), why: plain(why), fix: plain(fix), exitCode: codeOf(failure) }
}

/** The end of what the script wrote to stderr, set off from our own words; empty when there is nothing to show. */
export const lastWords = (failure: Failure | null): string => {
  const tail = failure !== null && "tail" in failure ? failure.tail ?? "" : ""
  if (tail === "") return ""
  const lines = tail.split("\n").slice(-mostLines).map((line) => `  ${plain(line)}`.trimEnd())
  return `\nLast lines of stderr:\n${lines.join("\n")}\n`
}
