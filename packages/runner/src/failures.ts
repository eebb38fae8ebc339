/** Why a runner can't start. Facts only: whoever started it makes the sentence. */
import * as Schema from "effect/Schema"
import type { SandboxUnavailable } from "rgrid/ports/Sandbox"

/** The server knows the key not, or it lacks the scope `runner`. */
export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", { server: Schema.String }) {}

export class StateDirectoryUnusable extends Schema.TaggedError<StateDirectoryUnusable>()("StateDirectoryUnusable", {
  directory: Schema.String,
  detail: Schema.String
}) {}

/** Another process holds this state directory: two runners would take each other's slots for leftovers. */
export class RunnerAlreadyRunning extends Schema.TaggedError<RunnerAlreadyRunning>()("RunnerAlreadyRunning", {
  directory: Schema.String
}) {}

export type RunnerFailure = SandboxUnavailable | KeyRefused | StateDirectoryUnusable | RunnerAlreadyRunning
