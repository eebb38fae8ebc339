/** What an account's executions cost, by days of its own time zone. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { lastDays, mostDays, periods, range, type Range } from "../domain/CostRange.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { ExecutionStore, type Spent } from "../ports/ExecutionStore.ts"

/** The days asked for are none. */
export class InvalidRange extends Schema.TaggedError<InvalidRange>()("InvalidRange", { detail: Schema.String }) {}

export interface RangeAsked {
  readonly timeZone?: string
  readonly days?: number
  readonly from?: string
  readonly to?: string
}

/** Executions of one page. */
const pageSize = 1000

const invalid = (detail: string) => Effect.fail(new InvalidRange({ detail }))

const resolve = Effect.fnUntraced(function*({ days = 7, from, timeZone = "UTC", to }: RangeAsked) {
  const zone = DateTime.zoneMakeNamed(timeZone)
  if (Option.isNone(zone)) return yield* invalid(`there is no time zone ${timeZone}`)
  if (days > mostDays) return yield* invalid(`${days} days are more than ${mostDays}`)
  if (from === undefined && to !== undefined) return yield* invalid("a last day needs a first one")
  const recent = lastDays(days, zone.value, yield* Clock.currentTimeMillis)
  const asked: Range | null = from === undefined ? recent : range(from, to ?? recent.to)
  if (asked === null) {
    return yield* invalid(`${from} to ${to ?? recent.to} is no range of days, or more than ${mostDays} of them`)
  }
  return { asked, zone: zone.value }
})

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
