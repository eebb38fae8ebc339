/** An execution as people and programs see it: the same fields in words and as JSON. */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { Execution, spoken } from "rgrid/domain/Execution"
import { euros } from "rgrid/domain/Money"
import { costSoFar, isPriced } from "./cost.ts"
import { lastWords, ofFailure } from "./failures.ts"
import { ago, count, duration, instant, plain, size } from "./format.ts"
import type { Style } from "./style.ts"
import { type Cell, fields, table } from "./table.ts"

/** As the API has it. */
export const toJson = Schema.encodeSync(Execution)

const colours: Readonly<Record<string, Style>> = {
  running: "cyan",
  completed: "green",
  failed: "red",
  "timed out": "red",
  canceled: "yellow"
}

const statusOf = ({ state }: Execution): Cell => [spoken(state), colours[spoken(state)] ?? "dim"]

/** How long it ran, or has been running. Null before its start. */
export const elapsed = ({ endedAt, startedAt }: Execution, now: number): number | null =>
  startedAt === null
    ? null
    : (endedAt === null ? now : DateTime.toEpochMillis(endedAt)) - DateTime.toEpochMillis(startedAt)

const elapsedWords = (execution: Execution, now: number): string | null => {
  const millis = elapsed(execution, now)
  return millis === null ? null : duration(millis)
}

/** `Duration: 12s · Cost: €0.02`; the cost only where there is a price. Null for what never ran. */
export const endLine = (execution: Execution, now: number): string | null => {
  const words = elapsedWords(execution, now)
  if (words === null) return null
  return `Duration: ${words}${isPriced(execution) ? ` · Cost: ${euros(costSoFar(execution, now))}` : ""}`
}

const outputsOf = ({ outputs, endedAt }: Execution): string | null =>
  endedAt === null ? null : `${count(outputs.files, "file")} (${size(outputs.bytes)})`

/** When it will likely have ended, and what tells. */
export interface Completion {
  /** ISO 8601. */
  readonly at: string
  readonly leftMillis: number
  readonly percent: number
  readonly source: "output" | "history"
}

/** `2026-11-21 05:38:14 (in 2m 30s, 45 % done)`. */
const completionWords = ({ at, leftMillis, percent }: Completion): string =>
  `${instant(DateTime.makeUnsafe(at))} (in ${duration(leftMillis)}, ${percent} % done)`

/** As `rgrid run` shows them at a script's end. */
const failureRows = ({ failure, id }: Execution): ReadonlyArray<readonly [string, string | null]> => {
  if (failure === null) return []
  const { fix, what, why } = ofFailure(failure)
  return [["Error", what], ["Cause", why === "" ? null : why], ["Fix", fix === "" ? null : fix], ["Logs", `rgrid logs ${id}`]]
}

export const details = (execution: Execution, now: number, completes: Completion | null = null): string =>
  fields([
    ["Execution", execution.id],
    ["Retry of", execution.retryOf],
    ["Script", plain([execution.script, ...execution.args].join(" "))],
    ["Runtime", plain(execution.runtime)],
    ["Status", statusOf(execution)],
    ...failureRows(execution),
    ["Created", instant(execution.createdAt)],
    ["Started", execution.startedAt === null ? null : instant(execution.startedAt)],
    ["Completed", execution.endedAt === null ? null : instant(execution.endedAt)],
    ["Estimated Completion", completes === null ? null : completionWords(completes)],
    ["Duration", elapsedWords(execution, now)],
    ["Exit Code", execution.exitCode === null ? null : String(execution.exitCode)],
    ["Cost", execution.cost.price === null ? null : euros(costSoFar(execution, now))],
    ["Worker", execution.runner === null ? null : [execution.runner, execution.sandbox].filter(Boolean).join(" · ")],
    ["Attempts", String(execution.attempt)],
    ["Outputs", outputsOf(execution)]
  ]) + lastWords(execution.failure)

export const listing = (executions: ReadonlyArray<Execution>, now: number): string =>
  table(
    ["ID", "SCRIPT", "STATUS", "STARTED", "DURATION", "COST"],
    executions.map((execution) => [
      [execution.id, "dim"],
      plain(execution.script),
      statusOf(execution),
      ago(execution.startedAt ?? execution.createdAt, now),
      elapsedWords(execution, now) ?? "-",
      execution.cost.price === null ? "-" : euros(costSoFar(execution, now))
    ])
  )

/** Items of a batch. */
export const memberListing = (executions: ReadonlyArray<Execution>, now: number): string =>
  table(
    ["ITEM", "STATUS", "DURATION", "COST", "ID"],
    executions.map((execution) => [
      plain(execution.batch?.label ?? execution.script),
      statusOf(execution),
      elapsedWords(execution, now) ?? "-",
      execution.cost.price === null ? "-" : euros(costSoFar(execution, now)),
      [execution.id, "dim"]
    ])
  )
