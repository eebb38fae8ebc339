/** What executions cost, in days of the caller's own time zone. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CostReport, ExecutionCost } from "../api/Costs.ts"
import type { GridError } from "./errors.ts"
import { GridClient } from "./GridClient.ts"

export interface CostOptions {
  /** The last so many days, today included; default 7. */
  readonly days?: number
  /** First and last day, `2026-11-21`; without `to` until today. */
  readonly from?: string
  readonly to?: string
  /** Default: the one this machine is in. */
  readonly timeZone?: string
}

/** Days are those of here where no time zone is said. */
export const query = ({ timeZone, ...range }: CostOptions) => ({
  ...range,
  timeZone: timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
})

export const costs = (
  options: CostOptions = {},
  unit: "day" | "month" = "day"
): Effect.Effect<CostReport, GridError, GridClient> =>
  GridClient.use((grid) => grid.ask(grid.api.costs.report({ query: { ...query(options), unit } })))

/** Execution by execution, newest first, however many there are. */
export const executionCosts = (options: CostOptions = {}): Stream.Stream<ExecutionCost, GridError, GridClient> =>
  Stream.paginate(undefined as string | undefined, (before) =>
    GridClient.use((grid) =>
      grid.ask(grid.api.costs.executions({ query: { ...query(options), ...(before === undefined ? {} : { before }) } }))
    ).pipe(Effect.map((page) => [page.executions, page.next === undefined ? Option.none() : Option.some(page.next)])))
