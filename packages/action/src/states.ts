/** What the step leaves for what follows the job's other steps. */
import * as core from "@actions/core"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export const states = { grid: "grid", running: "running" } as const

const StartedGrid = Schema.Struct({
  command: Schema.Array(Schema.String),
  directory: Schema.String,
  temporary: Schema.Boolean
})

/** The grid that this step started. */
export const startedGrid = (): Option.Option<typeof StartedGrid.Type> =>
  Schema.decodeUnknownOption(Schema.fromJsonString(StartedGrid))(core.getState(states.grid))
