import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type CostOptions, costs, executionCosts } from "rgrid/client/costs"
import { mostDays, range } from "rgrid/domain/CostRange"
import { BadInput } from "../input.ts"
import * as shown from "../output/cost.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const boolean = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const input = {
  range: optional("range", "7d, 30d (days up to today) or FROM:TO (days like 2026-11-01); default 7d"),
  since: optional("since", "From this day on, like 2026-11-01"),
  by: Flag.Literals("by", ["day", "month"]).pipe(
    Flag.withDescription("One line a day or a month"),
    Flag.withDefault("day")
  ),
  detailed: boolean("detailed", "One line an execution"),
  csv: boolean("csv", "For a spreadsheet: money in micros (1 EUR = 1,000,000), time in microseconds"),
  json: flags.json
} as const

interface Asked {
  readonly range: Option.Option<string>
  readonly since: Option.Option<string>
  readonly by: "day" | "month"
  readonly detailed: boolean
  readonly csv: boolean
  readonly json: boolean
}

const bad = (what: string) =>
  new BadInput({ what, fix: "Give --range 7d, --range 2026-11-01:2026-11-30 or --since 2026-11-01." })

const rangeOf = ({ range: asked, since }: Pick<Asked, "range" | "since">): Effect.Effect<CostOptions, BadInput> => {
  if (Option.isSome(asked) && Option.isSome(since)) return Effect.fail(bad("--range and --since are one too many."))
  if (Option.isSome(since)) {
    return range(since.value, since.value) !== null
      ? Effect.succeed({ from: since.value })
      : Effect.fail(bad(`--since ${since.value} is no day.`))
  }
  const text = Option.getOrElse(asked, () => "7d")
  const days = /^(\d{1,4})d$/.exec(text)
  const number = Number(days?.[1] ?? 0)
  if (number >= 1 && number <= mostDays) return Effect.succeed({ days: number })
  const [from = "", to = "", ...more] = text.split(":")
  return more.length === 0 && range(from, to) !== null
    ? Effect.succeed({ from, to })
    : Effect.fail(bad(`--range ${text} is no range of days.`))
}

const print = Effect.fnUntraced(function*(asked: Asked, options: CostOptions) {
  const report = yield* costs(options, asked.by)
  const recent = options.days ?? null
  if (!asked.detailed) {
    if (asked.json) return yield* stdio.json(report)
    return yield* stdio.stdout(asked.csv ? shown.reportCsv(report) : shown.report(report, recent))
  }
  const executions = yield* Stream.runCollect(executionCosts(options))
  if (asked.json) return yield* stdio.json({ ...report, executions: shown.executionsJson(executions) })
  yield* stdio.stdout(asked.csv ? shown.detailedCsv(executions) : shown.detailed(report, executions, recent))
})

export const cost = Command.make("cost", input, (asked) =>
  Effect.flatMap(rangeOf(asked), (options) => print(asked, options).pipe(onGrid))).pipe(
    Command.withAlias("costs"),
    Command.withDescription(
      "What ended executions cost, by the day they ended on where you are. Each is charged for its time in a slot, at " +
        "the price of its worker (rgrid runner --hourly-cost); attempts that the grid lost count too."
    ),
    Command.withShortDescription("What executions cost"),
    Command.withExamples([
      { command: "rgrid cost", description: "The last seven days" },
      { command: "rgrid cost --since 2026-11-01 --detailed", description: "Execution by execution" },
      { command: "rgrid cost --range 2026-01-01:2026-12-31 --by month --csv", description: "A year for a spreadsheet" }
    ])
  )
