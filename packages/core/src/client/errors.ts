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
  /** Probably meant. */
  nearest: Schema.NullOr(Schema.String),
  /** The likeliest first. */
  known: Schema.Array(Schema.String)
}) {}

/** The runtime asked for can't run this script; `instead` can. */
export class RuntimeUnsuitable extends Schema.TaggedError<RuntimeUnsuitable>()("RuntimeUnsuitable", {
  script: Schema.String,
  runtime: Schema.String,
  instead: Schema.String
}) {}

/** The script is none in its language, as the interpreter itself says: in these words, with this exit code. */
export class SyntaxRejected extends Schema.TaggedError<SyntaxRejected>()("SyntaxRejected", {
  script: Schema.String,
  text: Schema.String,
  exitCode: Schema.Int
}) {}

/** Neither the ending nor the `#!` line tells what runs the script. */
export class RuntimeUndetected extends Schema.TaggedError<RuntimeUndetected>()("RuntimeUndetected", {
  script: Schema.String
}) {}

export class MalformedEnv extends Schema.TaggedError<MalformedEnv>()("MalformedEnv", { pair: Schema.String }) {}

/** An argument names something that is never sent: `/`, a home directory, a key store. */
export class InputRefused extends Schema.TaggedError<InputRefused>()("InputRefused", {
  path: Schema.String,
  reason: Schema.Literals(["root", "home", "keys", "unreadable", "special", "outside", "missing"])
}) {}

/** An option of a call is none of what it may be. */
export class OptionRefused extends Schema.TaggedError<OptionRefused>()("OptionRefused", {
  option: Schema.String,
  /** As it was given. */
  given: Schema.String,
  /** What it may be. */
  expected: Schema.String
}) {}

/** `--include` names nothing that is here. */
export class IncludeUnmatched extends Schema.TaggedError<IncludeUnmatched>()("IncludeUnmatched", {
  pattern: Schema.String
}) {}

/** A file of dependencies, or one that it leads to, is not here. */
export class RequirementsMissing extends Schema.TaggedError<RequirementsMissing>()("RequirementsMissing", {
  path: Schema.String,
  /** The declaration that names it; null: `--requirements` does. */
  from: Schema.NullOr(Schema.String),
  nearest: Schema.NullOr(Schema.String)
}) {}

/** What declares dependencies can't be used as it is, or is never sent. `line` counts from 1; null: all of it. */
export class RequirementsRefused extends Schema.TaggedError<RequirementsRefused>()("RequirementsRefused", {
  path: Schema.String,
  line: Schema.NullOr(Schema.Int),
  reason: Schema.Literals(["malformed", "secret", "outside", "keys", "unreadable", "large", "unknown"]),
  /** What the parser says, what kind of secret it is, which declaration leads there. */
  detail: Schema.String
}) {}

/** A file changed while it was read: what was hashed is not what would be sent. */
export class InputChanged extends Schema.TaggedError<InputChanged>()("InputChanged", { path: Schema.String }) {}

/** The key is malformed, unknown, revoked, or lacks the scope. */
export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", { url: Schema.String }) {}

/** Nothing answers at the server's address, or what answers is no RGrid server. */
export class ServerUnreachable extends Schema.TaggedError<ServerUnreachable>()("ServerUnreachable", {
  url: Schema.String,
  detail: Schema.String,
  /** How often it was tried; absent: what answered there was wrong, and would be again. */
  tries: Schema.optionalKey(Schema.Int)
}) {}

export class ExecutionUnknown extends Schema.TaggedError<ExecutionUnknown>()("ExecutionUnknown", {
  id: Schema.String,
  /** A recent one with a similar id. */
  nearest: Schema.NullOr(Schema.String)
}) {}

export class BatchUnknown extends Schema.TaggedError<BatchUnknown>()("BatchUnknown", { id: Schema.String }) {}

/** Only what has ended can be deleted or run again. */
export class ExecutionUnended extends Schema.TaggedError<ExecutionUnended>()("ExecutionUnended", {
  id: Schema.String
}) {}

/** It can't be run again: not all of its files, or of its stdin, ever reached the grid; or no item of a batch is as asked. */
export class ExecutionUnrepeatable extends Schema.TaggedError<ExecutionUnrepeatable>()("ExecutionUnrepeatable", {
  id: Schema.String,
  lacks: Schema.Literals(["files", "stdin", "members"])
}) {}

/** Several ids begin so; `matches` are the newest of them. */
export class ExecutionAmbiguous extends Schema.TaggedError<ExecutionAmbiguous>()("ExecutionAmbiguous", {
  id: Schema.String,
  matches: Schema.Array(Schema.String)
}) {}

/** The server answered that it can't: database or storage away, or a request it refuses. */
export class GridRefused extends Schema.TaggedError<GridRefused>()("GridRefused", {
  detail: Schema.String,
  /** It may do it later. */
  passing: Schema.optionalKey(Schema.Literal(true))
}) {}

/** The idempotency key stands for another job already. */
export class IdempotencyKeyReused extends Schema.TaggedError<IdempotencyKeyReused>()("IdempotencyKeyReused", {
  key: Schema.String
}) {}

/** The environment names a server without a key, or a key without a server, or an address that is none. */
export class ConnectionIncomplete extends Schema.TaggedError<ConnectionIncomplete>()("ConnectionIncomplete", {
  reason: Schema.Literals(["keyMissing", "urlMissing", "bothMissing", "urlMalformed"])
}) {}

/** The file of keys can't be used: others may read it, or it is not what it should be. */
export class CredentialsUnusable extends Schema.TaggedError<CredentialsUnusable>()("CredentialsUnusable", {
  path: Schema.String,
  reason: Schema.Literals(["exposed", "unreadable", "unwritable"]),
  detail: Schema.String
}) {}

/** A profile that was asked for by name is not in the file of keys. */
export class ProfileUnknown extends Schema.TaggedError<ProfileUnknown>()("ProfileUnknown", {
  name: Schema.String,
  nearest: Schema.NullOr(Schema.String),
  path: Schema.String
}) {}

/** A profile lacks its `server` or its `key`, or its server is no address. */
export class ProfileIncomplete extends Schema.TaggedError<ProfileIncomplete>()("ProfileIncomplete", {
  name: Schema.String,
  path: Schema.String,
  reason: Schema.Literals(["server", "key"])
}) {}

/** A project's file of settings can't be used as it is. `line` counts from 1. */
export class ConfigRefused extends Schema.TaggedError<ConfigRefused>()("ConfigRefused", {
  path: Schema.String,
  line: Schema.Int,
  reason: Schema.Literals(["malformed", "unknownKey", "wrongValue", "secret", "unreadable", "unset"]),
  key: Schema.String,
  /** The key that was meant, what was expected, what kind of secret it is, what the parser says. */
  detail: Schema.String
}) {}

/** A key that was to be stored is not one the server takes, or not a key at all. */
export class KeyNotAccepted extends Schema.TaggedError<KeyNotAccepted>()("KeyNotAccepted", {
  url: Schema.String,
  reason: Schema.Literals(["malformed", "refused"])
}) {}

export class KeyUnknown extends Schema.TaggedError<KeyUnknown>()("KeyUnknown", { id: Schema.String }) {}

/** The grid of this machine could not be started. `log` is the file that tells more. */
export class GridNotStarted extends Schema.TaggedError<GridNotStarted>()("GridNotStarted", {
  detail: Schema.String,
  log: Schema.NullOr(Schema.String)
}) {}

/** A result, or what is to be sent and has no file of its own, could not be written here. */
export class NotWritten extends Schema.TaggedError<NotWritten>()("NotWritten", {
  path: Schema.String,
  reason: Schema.Literals(["full", "readOnly", "denied", "other"]),
  /** As the system says it. */
  detail: Schema.String,
  /** Whose result it is; absent: it was to be sent. */
  execution: Schema.optionalKey(Schema.String)
}) {
  of(execution: string): NotWritten {
    const { detail, path, reason } = this
    return new NotWritten({ path, reason, detail, execution })
  }
}

/** A batch without an item; `from` is the file that names none. */
export class BatchEmpty extends Schema.TaggedError<BatchEmpty>()("BatchEmpty", { from: Schema.NullOr(Schema.String) }) {}

/** More items than one batch may have. */
export class BatchTooLarge extends Schema.TaggedError<BatchTooLarge>()("BatchTooLarge", { most: Schema.Int }) {}

/** A pattern of a batch matches nothing that is here. */
export class BatchPatternUnmatched extends Schema.TaggedError<BatchPatternUnmatched>()("BatchPatternUnmatched", {
  pattern: Schema.String,
  /** The first of its directories that is not here. */
  missing: Schema.NullOr(Schema.String),
  /** The pattern that was probably meant. */
  nearest: Schema.NullOr(Schema.String)
}) {}

/** A list of items can't be used. `line` counts from 1; null where it is about the whole. */
export class BatchListRefused extends Schema.TaggedError<BatchListRefused>()("BatchListRefused", {
  path: Schema.String,
  reason: Schema.Literals(["unreadable", "malformed"]),
  line: Schema.NullOr(Schema.Int),
  /** As the system or the parser says it. */
  detail: Schema.String
}) {}

/** Arguments name a column that the list lacks, or none of those it has. */
export class ReplacementUnknown extends Schema.TaggedError<ReplacementUnknown>()("ReplacementUnknown", {
  /** Null: none is named. */
  column: Schema.NullOr(Schema.String),
  nearest: Schema.NullOr(Schema.String),
  known: Schema.Array(Schema.String)
}) {}

/** What a batch's items are can't be told. */
export type BatchError = BatchEmpty | BatchTooLarge | BatchPatternUnmatched | BatchListRefused | ReplacementUnknown
export type PrepareError =
  | OptionRefused
  | ScriptMissing
  | ScriptNotAFile
  | UnknownRuntime
  | RuntimeUndetected
  | RuntimeUnsuitable
  | SyntaxRejected
  | MalformedEnv
  | InputRefused
  | IncludeUnmatched
  | InputChanged
  | RequirementsMissing
  | RequirementsRefused
  | NotWritten
export type GridError =
  | KeyRefused
  | ServerUnreachable
  | GridRefused
  | IdempotencyKeyReused
  | ExecutionUnknown
  | BatchUnknown
  | ExecutionAmbiguous
  | ExecutionUnended
  | ExecutionUnrepeatable
  | KeyUnknown
/** Which grid was meant can't be told. */
export type ConnectionError = ConnectionIncomplete | CredentialsUnusable | ProfileUnknown | ProfileIncomplete | ConfigRefused
export type ClientError =
  | PrepareError
  | BatchError
  | GridError
  | ConnectionError
  | GridNotStarted
  | KeyNotAccepted
