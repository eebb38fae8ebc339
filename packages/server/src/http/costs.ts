import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Api } from "rgrid/api/Api"
import { CurrentPrincipal } from "rgrid/api/Authorization"
import { Unprocessable } from "rgrid/api/Errors"
import { ExecutionId } from "rgrid/domain/Id"
import { charges, type InvalidRange, report } from "rgrid/grid/costs"
import type { Charge, Spent } from "rgrid/ports/ExecutionStore"
import { answers } from "./translate.ts"

const isId = Schema.is(ExecutionId)

const known = {
  StoreUnavailable: answers.StoreUnavailable,
  InvalidRange: ({ detail }: InvalidRange) => Effect.fail(new Unprocessable({ detail }))
} as const

const shown = ({ executions, micros, microseconds }: Spent) => ({
  executions,
  computeMicroseconds: microseconds,
  micros
})

const line = ({ endedAt, execution, micros, microseconds, script, state }: Charge) => ({
  id: execution,
  script,
  state,
  endedAt: DateTime.makeUnsafe(endedAt),
  computeMicroseconds: microseconds,
  micros
})

export const costs = HttpApiBuilder.group(Api, "costs", (handlers) =>
  handlers.handleAll({
    report: Effect.fnUntraced(function*({ query: { unit = "day", ...range } }) {
      const { account } = yield* CurrentPrincipal
      const { rows, total, ...days } = yield* report(account, range, unit)
      return { ...days, rows: rows.map(({ date, spent }) => ({ date, ...shown(spent) })), total: shown(total) }
    }, Effect.catchTags(known)),
    executions: Effect.fnUntraced(function*({ query: { before, ...range } }) {
      const { account } = yield* CurrentPrincipal
      if (before !== undefined && !isId(before)) {
        return yield* new Unprocessable({ detail: "before is no execution's id" })
      }
      const { found, next } = yield* charges(account, range, before)
      return { executions: found.map(line), ...(next === undefined ? {} : { next }) }
    }, Effect.catchTags(known))
  }))
