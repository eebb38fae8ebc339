/** What an account's executions cost, by days of its own time zone. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { periods, type RangeAsked, rangeAsked } from "../domain/CostRange.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { ExecutionStore, type Spent } from "../ports/ExecutionStore.ts"

/** The days asked for are none. */
export class InvalidRange extends Schema.TaggedError<InvalidRange>()("InvalidRange", { detail: Schema.String }) {}

/** Executions of one page. */
const pageSize = 1000

const resolve = (options: RangeAsked) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.fromResult(Result.mapError(rangeAsked(options, now), (detail) => new InvalidRange({ detail }))))

const sum = (all: ReadonlyArray<Spent>): Spent => ({
  executions: all.reduce((total, { executions }) => total + executions, 0),
  microseconds: all.reduce((total, { microseconds }) => total + microseconds, 0),
  micros: all.reduce((total, { micros }) => total + micros, 0)
})

export const report = Effect.fn("grid.costs")(function*(account: AccountId, options: RangeAsked, unit: "day" | "month") {
  const { asked, zone } = yield* resolve(options)
  const all = periods(asked, zone, unit)
  const spent = yield* ExecutionStore.use((store) => store.costs(account, all))
  const rows = all.map(({ name }, i) => ({ date: name, spent: spent[i]! }))
  return { ...asked, timeZone: DateTime.zoneToString(zone), rows, total: sum(spent) }
})

export const charges = Effect.fn("grid.charges")(
  function*(account: AccountId, options: RangeAsked, before: ExecutionId | undefined) {
    const { asked, zone } = yield* resolve(options)
    const days = periods(asked, zone, "day")
    const stretch = { from: days[0]!.from, until: days.at(-1)!.until }
    const page = { limit: pageSize, ...(before === undefined ? {} : { before }) }
    const found = yield* ExecutionStore.use((store) => store.charges(account, stretch, page))
    return { found, next: found.length < pageSize ? undefined : found.at(-1)?.execution }
  }
)
