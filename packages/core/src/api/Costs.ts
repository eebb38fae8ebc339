import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import { State } from "../domain/ExecutionState.ts"
import { ExecutionId } from "../domain/Id.ts"
import { Micros } from "../domain/Money.ts"
import { Authorization } from "./Authorization.ts"
import { before } from "./common.ts"
import { Unavailable, Unprocessable } from "./Errors.ts"

const spent = {
  /** Time in slots, all attempts together. */
  computeMicroseconds: Schema.Int,
  micros: Micros
}

const summed = { executions: Schema.Int, ...spent }

/** What ended on the days from `from` to `to` of a time zone; a day or month without executions is there too. */
export const CostReport = Schema.Struct({
  from: Schema.String,
  to: Schema.String,
  timeZone: Schema.String,
  rows: Schema.Array(Schema.Struct({ date: Schema.String, ...summed })),
  total: Schema.Struct(summed)
}).annotate({ identifier: "CostReport" })
export type CostReport = typeof CostReport.Type

export const ExecutionCost = Schema.Struct({
  id: ExecutionId,
  script: Schema.String,
  state: State,
  endedAt: Schema.DateTimeUtcFromString,
  ...spent
}).annotate({ identifier: "ExecutionCost" })
export type ExecutionCost = typeof ExecutionCost.Type

export const ExecutionCostPage = Schema.Struct({
  executions: Schema.Array(ExecutionCost),
  /** Give it as `before` for the next page; absent on the last. */
  next: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "ExecutionCostPage" })

/** Which days: the last `days` (7), or from `from` to `to`, which is today when it is left out. */
const range = {
  /** Where the days begin and end, as `Europe/Berlin`; default UTC. */
  timeZone: Schema.optionalKey(Schema.String),
  days: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  from: Schema.optionalKey(Schema.String),
  to: Schema.optionalKey(Schema.String)
}

const error = [Unprocessable, Unavailable] as const

export class CostsGroup extends HttpApiGroup.make("costs").add(
  HttpApiEndpoint.get("report", "/", {
    query: { ...range, unit: Schema.optionalKey(Schema.Literals(["day", "month"])) },
    success: CostReport,
    error
  }),
  HttpApiEndpoint.get("executions", "/executions", {
    query: { ...range, before },
    success: ExecutionCostPage,
    error
  })
).middleware(Authorization).prefix("/api/v1/costs") {}
