/** An execution as people and programs see it: the same fields in words and as JSON. */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { Execution, spoken } from "rgrid/domain/Execution"
import { ofFailure } from "./failures.ts"
import { ago, count, duration, instant, plain, size } from "./format.ts"
import { fields, table } from "./table.ts"

/** As the API has it. */
export const toJson = Schema.encodeSync(Execution)

/** How long it ran, or has been running. Null before its start. */
export const elapsed = ({ endedAt, startedAt }: Execution, now: number): number | null =>
  startedAt === null
    ? null
    : (endedAt === null ? now : DateTime.toEpochMillis(endedAt)) - DateTime.toEpochMillis(startedAt)

const elapsedWords = (execution: Execution, now: number): string | null => {
  const millis = elapsed(execution, now)
  return millis === null ? null : duration(millis)
}

const outputsOf = ({ outputs, endedAt }: Execution): string | null =>
  endedAt === null ? null : `${count(outputs.files, "file")} (${size(outputs.bytes)})`

export const details = (execution: Execution, now: number): string =>
  fields([
    ["Execution", execution.id],
    ["Script", plain([execution.script, ...execution.args].join(" "))],
    ["Runtime", plain(execution.runtime)],
    ["Status", spoken(execution.state)],
    ["Error", execution.failure === null ? null : ofFailure(execution.failure, "").what],
    ["Created", instant(execution.createdAt)],
    ["Started", execution.startedAt === null ? null : instant(execution.startedAt)],
    ["Completed", execution.endedAt === null ? null : instant(execution.endedAt)],
    ["Duration", elapsedWords(execution, now)],
    ["Exit Code", execution.exitCode === null ? null : String(execution.exitCode)],
    ["Worker", execution.runner === null ? null : [execution.runner, execution.sandbox].filter(Boolean).join(" · ")],
    ["Attempts", String(execution.attempt)],
    ["Outputs", outputsOf(execution)]
  ])

export const listing = (executions: ReadonlyArray<Execution>, now: number): string =>
  table(
    ["ID", "SCRIPT", "STATUS", "STARTED", "DURATION"],
    executions.map((execution) => [
      execution.id,
      plain(execution.script),
      spoken(execution.state),
      ago(execution.startedAt ?? execution.createdAt, now),
      elapsedWords(execution, now) ?? "-"
    ])
  )
