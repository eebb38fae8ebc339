/** What an answer other than success says. Each carries facts; whoever prints it makes the sentence. */
import * as Schema from "effect/Schema"

/** No credential, or one that is malformed, unknown or revoked. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", {}, { httpApiStatus: 401 }) {}

/** The key is good but lacks the scope. */
export class Forbidden extends Schema.TaggedError<Forbidden>()(
  "Forbidden",
  { scope: Schema.String },
  { httpApiStatus: 403 }
) {}

/** No such thing in this account. Another account's things are told apart from nothing by nobody. */
export class NotFound extends Schema.TaggedError<NotFound>()(
  "NotFound",
  {
    what: Schema.Literals(["execution", "batch", "key", "log"]),
    id: Schema.String,
    /** One with a similar id. */
    nearest: Schema.optionalKey(Schema.String)
  },
  { httpApiStatus: 404 }
) {}

/** The execution has not ended yet, and only one that has can be treated so. */
export class Unended extends Schema.TaggedError<Unended>()("Unended", { id: Schema.String }, { httpApiStatus: 409 }) {}

/** Not all of its files, or not all of its stdin, ever reached the grid. */
export class Unrepeatable extends Schema.TaggedError<Unrepeatable>()(
  "Unrepeatable",
  { id: Schema.String, lacks: Schema.Literals(["files", "stdin", "members"]) },
  { httpApiStatus: 409 }
) {}

/** Several executions' ids begin so; `matches` are the newest of them. */
export class Ambiguous extends Schema.TaggedError<Ambiguous>()(
  "Ambiguous",
  { id: Schema.String, matches: Schema.Array(Schema.String) },
  { httpApiStatus: 409 }
) {}

/** The idempotency key was used for another job. */
export class KeyReused extends Schema.TaggedError<KeyReused>()(
  "KeyReused",
  { key: Schema.String },
  { httpApiStatus: 409 }
) {}

/** The attempt no longer holds its execution: whoever gets this stops at once. */
export class AttemptStale extends Schema.TaggedError<AttemptStale>()(
  "AttemptStale",
  { execution: Schema.String, fence: Schema.Int },
  { httpApiStatus: 410 }
) {}

/** The log ends elsewhere; go on from `length`. */
export class LogOffsetMismatch extends Schema.TaggedError<LogOffsetMismatch>()(
  "LogOffsetMismatch",
  { length: Schema.Int },
  { httpApiStatus: 409 }
) {}

/** The request is well-formed JSON of the right shape, and still makes no sense. */
export class Unprocessable extends Schema.TaggedError<Unprocessable>()(
  "Unprocessable",
  { detail: Schema.String },
  { httpApiStatus: 422 }
) {}

/** The grid can't answer now: its database or its object store is away. Trying again is right. */
export class Unavailable extends Schema.TaggedError<Unavailable>()(
  "Unavailable",
  { part: Schema.Literals(["database", "objects", "logs"]), detail: Schema.String },
  { httpApiStatus: 503 }
) {}
