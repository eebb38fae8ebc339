/** What can go wrong between a caller and a grid. Facts only; the command line and the SDK make the sentences. */
import * as Schema from "effect/Schema"

export class ScriptMissing extends Schema.TaggedError<ScriptMissing>()("ScriptMissing", {
  path: Schema.String,
  /** A file beside it with a similar name. */
  nearest: Schema.NullOr(Schema.String)
}) {}

export class ScriptNotAFile extends Schema.TaggedError<ScriptNotAFile>()("ScriptNotAFile", { path: Schema.String }) {}

export class UnknownRuntime extends Schema.TaggedError<UnknownRuntime>()("UnknownRuntime", {
  name: Schema.String,
  known: Schema.Array(Schema.String)
}) {}

/** Neither the ending nor the `#!` line tells what runs the script. */
export class RuntimeUndetected extends Schema.TaggedError<RuntimeUndetected>()("RuntimeUndetected", {
  script: Schema.String
}) {}

export class MalformedEnv extends Schema.TaggedError<MalformedEnv>()("MalformedEnv", { pair: Schema.String }) {}

/** An argument names something that is never sent: `/`, a home directory, a key store. */
export class InputRefused extends Schema.TaggedError<InputRefused>()("InputRefused", {
  path: Schema.String,
  reason: Schema.Literals(["root", "home", "keys", "unreadable", "special"])
}) {}

/** A file changed while it was read: what was hashed is not what would be sent. */
export class InputChanged extends Schema.TaggedError<InputChanged>()("InputChanged", { path: Schema.String }) {}

/** The key is malformed, unknown, revoked, or lacks the scope. */
export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", { url: Schema.String }) {}

/** Nothing answers at the server's address, or what answers is no RGrid server. */
export class ServerUnreachable extends Schema.TaggedError<ServerUnreachable>()("ServerUnreachable", {
  url: Schema.String,
  detail: Schema.String
}) {}

export class ExecutionUnknown extends Schema.TaggedError<ExecutionUnknown>()("ExecutionUnknown", {
  id: Schema.String
}) {}

/** The server answered that it can't: database or storage away, or a request it refuses. */
export class GridRefused extends Schema.TaggedError<GridRefused>()("GridRefused", { detail: Schema.String }) {}

/** The environment names a server without a key, or a key without a server, or an address that is none. */
export class ConnectionIncomplete extends Schema.TaggedError<ConnectionIncomplete>()("ConnectionIncomplete", {
  reason: Schema.Literals(["keyMissing", "urlMissing", "urlMalformed"])
}) {}

/** The grid of this machine could not be started. `log` is the file that tells more. */
export class GridNotStarted extends Schema.TaggedError<GridNotStarted>()("GridNotStarted", {
  detail: Schema.String,
  log: Schema.NullOr(Schema.String)
}) {}

/** A result could not be written here. */
export class NotWritten extends Schema.TaggedError<NotWritten>()("NotWritten", {
  path: Schema.String,
  reason: Schema.Literals(["full", "readOnly", "denied", "other"]),
  /** As the system says it. */
  detail: Schema.String,
  /** Whose result it is. */
  execution: Schema.optionalKey(Schema.String)
}) {
  of(execution: string): NotWritten {
    const { detail, path, reason } = this
    return new NotWritten({ path, reason, detail, execution })
  }
}

export type PrepareError =
  | ScriptMissing
  | ScriptNotAFile
  | UnknownRuntime
  | RuntimeUndetected
  | MalformedEnv
  | InputRefused
  | InputChanged
export type GridError = KeyRefused | ServerUnreachable | GridRefused | ExecutionUnknown
export type ClientError = PrepareError | GridError | ConnectionIncomplete | GridNotStarted | NotWritten
