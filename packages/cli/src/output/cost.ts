/** What executions cost, for people, for spreadsheets and for programs. */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { type CostReport, ExecutionCost } from "rgrid/api/Costs"
import { type Execution, spoken } from "rgrid/domain/Execution"
import { costOf, euros } from "rgrid/domain/Money"
import { duration, instant, plain } from "./format.ts"
import { table } from "./table.ts"

/** What an execution has cost, the attempt that runs now included. */
export const costSoFar = ({ cost, endedAt, startedAt }: Execution, now: number): number =>
  endedAt !== null || startedAt === null || cost.price === null
    ? cost.micros
    : cost.micros + costOf((now - DateTime.toEpochMillis(startedAt)) * 1000, cost.price)

/** Whether there is anything to say of its cost: not on a machine that costs nothing. */
export const isPriced = ({ cost }: Pick<Execution, "cost">): boolean =>
  cost.micros > 0 || (cost.price?.hourlyMicros ?? 0) > 0

const time = (microseconds: number): string => duration(microseconds / 1000)

/** `last 7 days`, or the days themselves when they do not end today. */
const spanOf = ({ from, to }: CostReport, recent: number | null): string =>
  recent === null ? `${from} to ${to}` : recent === 1 ? "today" : `last ${recent} days`

/** Days without executions are left out. `recent`: how many days up to today, when that was asked. */
export const report = (costs: CostReport, recent: number | null): string => {
  const rows = costs.rows.filter(({ executions }) => executions > 0)
  const lines = rows.map(({ computeMicroseconds, date, executions, micros }) => [
    date,
    String(executions),
    time(computeMicroseconds),
    euros(micros)
  ])
  const head = table(["Date", "Executions", "Compute Time", "Cost"], lines)
  return `${head}Total (${spanOf(costs, recent)}): ${euros(costs.total.micros)}\n`
}

export const detailed = (costs: CostReport, executions: ReadonlyArray<ExecutionCost>, recent: number | null): string => {
  const lines = executions.map(({ computeMicroseconds, endedAt, id, micros, script, state }) => [
    instant(endedAt),
    id,
    plain(script),
    spoken(state),
    time(computeMicroseconds),
    euros(micros)
  ])
  const head = table(["Date", "Execution", "Script", "Status", "Compute Time", "Cost"], lines)
  return `${head}Total (${spanOf(costs, recent)}): ${euros(costs.total.micros)}\n`
}

/** As RFC 4180 has it. A cell that a spreadsheet would take for a formula is kept from being one. */
const cell = (value: string | number): string => {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
}

const csv = (rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("")

export const reportCsv = ({ rows }: CostReport): string =>
  csv([
    ["date", "executions", "compute_microseconds", "cost_micros"],
    ...rows.map(({ computeMicroseconds, date, executions, micros }) => [date, executions, computeMicroseconds, micros])
  ])

export const detailedCsv = (executions: ReadonlyArray<ExecutionCost>): string =>
  csv([
    ["ended_at", "execution", "script", "status", "compute_microseconds", "cost_micros"],
    ...executions.map(({ computeMicroseconds, endedAt, id, micros, script, state }) => [
      DateTime.formatIso(endedAt),
      id,
      script,
      state,
      computeMicroseconds,
      micros
    ])
  ])

/** As the API has it. */
export const executionsJson = Schema.encodeSync(Schema.Array(ExecutionCost))
