import * as Schedule from "effect/Schedule"

/** Six tries over about six seconds: a grid that restarts is back within two. Everything asked may be asked again. */
export const patience = { schedule: Schedule.exponential("200 millis"), times: 5 } as const
