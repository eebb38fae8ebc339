/** An execution as tools tell it: the words a person sees, and the same as data. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { BroughtBack } from "rgrid/client/bringBack"
import { type Execution, spoken } from "rgrid/domain/Execution"
import { isFinal } from "rgrid/domain/ExecutionState"
import { endLine, toJson } from "../output/execution.ts"
import { ofFailure } from "../output/failures.ts"
import { seenFromHere } from "../output/fromHere.ts"
import type { Bounded } from "./bounds.ts"

/** Ends of lines that belong together; what is empty is no line. */
export const lines = (...all: ReadonlyArray<string | null>): string =>
  all.filter((line) => line !== null && line !== "").join("\n")

const ended = ({ exitCode, id, state }: Execution): string =>
  exitCode === null ? `${id}: ${spoken(state)}.` : `${id}: ${spoken(state)}, exit code ${exitCode}.`

const goesOn = ({ id, state }: Execution): string =>
  `${id}: ${spoken(state)}. It goes on; ask the tool status with this id, and waitSeconds.`

/** Why it did not complete, in words; null when it did or has not ended. */
const failed = Effect.fnUntraced(function*({ cwd, failure }: Execution) {
  return failure === null ? null : ofFailure(yield* seenFromHere(failure, cwd))
})

export const told = Effect.fnUntraced(function*(execution: Execution) {
  const now = yield* Clock.currentTimeMillis
  const why = yield* failed(execution)
  return {
    text: isFinal(execution.state)
      ? lines(
        ended(execution),
        why === null ? "" : lines(`Error: ${why.what}`, why.why && `Cause: ${why.why}`, why.fix && `Fix: ${why.fix}`),
        endLine(execution, now)
      )
      : goesOn(execution),
    data: {
      execution: toJson(execution),
      status: spoken(execution.state),
      exitCode: execution.exitCode,
      failure: why === null ? null : { code: execution.failure?._tag, what: why.what, why: why.why, fix: why.fix }
    }
  }
})

/** A stream's text with its name; nothing of an empty one. */
export const quoted = (name: string, { text, totalBytes, truncated }: Bounded): string => {
  if (totalBytes === 0) return ""
  return `${name}${truncated ? ` (the last part of ${totalBytes} bytes; the tool logs has more)` : ""}:\n${
    text.replace(/\n$/, "")
  }`
}

/** The first of each kind. */
export const bounded = ({ beside, deleted, refused, skipped, written }: BroughtBack, most: number) => ({
  written: written.slice(0, most),
  refused: refused.slice(0, most),
  beside: beside.slice(0, most),
  deleted: deleted.slice(0, most),
  skipped: skipped.slice(0, most)
})
