/** What executions in memory cost, by the days they ended on. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { query } from "../../client/costs.ts"
import { GridRefused } from "../../client/errors.ts"
import { picked } from "../../client/picked.ts"
import { periods, rangeAsked } from "../../domain/CostRange.ts"
import type { CostReport, CostSettings } from "../ask.ts"
import { checkCost } from "../check.ts"
import type { Executions } from "./Executions.ts"

interface Spent {
  readonly at: number
  readonly micros: number
  readonly millis: number
}

const sumOf = (all: ReadonlyArray<Spent>) => ({
  executions: all.length,
  computeMicroseconds: all.reduce((sum, { millis }) => sum + 1000 * millis, 0),
  micros: all.reduce((sum, { micros }) => sum + micros, 0)
})

const spentBy = (executions: Executions): ReadonlyArray<Spent> =>
  [...executions.all.values()].flatMap(({ end, startedAt }) => {
    if (end === null) return []
    const at = end.at.getTime()
    return [{ at, micros: end.cost, millis: at - (startedAt?.getTime() ?? at) }]
  })

export const costed = Effect.fnUntraced(function*(executions: Executions, settings: CostSettings) {
  yield* checkCost(settings)
  const range = rangeAsked(query(picked(settings, "days", "from", "timeZone", "to")), yield* Clock.currentTimeMillis)
  if (Result.isFailure(range)) return yield* new GridRefused({ detail: range.failure })
  const { asked, zone } = range.success
  const all = spentBy(executions)
  const days = periods(asked, zone, settings.by ?? "day").map(({ from, name, until }) => ({
    name,
    spent: all.filter(({ at }) => at >= from && at < until)
  }))
  const report: CostReport = {
    ...asked,
    timeZone: DateTime.zoneToString(zone),
    rows: days.map(({ name: date, spent }) => ({ date, ...sumOf(spent) })),
    total: sumOf(days.flatMap(({ spent }) => spent))
  }
  return report
})
