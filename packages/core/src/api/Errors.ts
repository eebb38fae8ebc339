/**
 * What an answer other than success says: problem details (RFC 9457). Each carries facts; the server adds the sentences
 * (`detail`, `remediation`) for whoever reads them as they are, and a client that knows the facts makes its own.
 */
import * as Schema from "effect/Schema"
import * as HttpApiError from "effect/http-api/HttpApiError"

const kind = <const Code extends string, const Status extends number>(code: Code, status: Status, title: string) => ({
  type: `urn:rgrid:problem:${code}` as const,
  status,
  title
})

/** What every problem has beside RFC 9457's members. */
const facts = <const Code extends string>(code: Code) => ({
  /** What a program tells problems apart by. */
  code: Schema.tag(code),
  /** What to do about it. */
  remediation: Schema.optionalKey(Schema.String)
})

/** The request has not the shape that the document says: `errors` tells where. */
export class Malformed
  extends HttpApiError.Problem<Malformed>()("Malformed", kind("Malformed", 400, "Malformed request"), {
    ...facts("Malformed"),
    errors: Schema.optionalKey(Schema.Array(HttpApiError.ProblemIssue))
  })
{}

/** No credential, or one that is malformed, unknown or revoked. */
export class Unauthorized extends HttpApiError.Problem<Unauthorized>()(
  "Unauthorized",
  kind("Unauthorized", 401, "No good key"),
  facts("Unauthorized")
) {}

/** The key is good but lacks the scope. */
export class Forbidden
  extends HttpApiError.Problem<Forbidden>()("Forbidden", kind("Forbidden", 403, "Key lacks the scope"), {
    ...facts("Forbidden"),
    scope: Schema.String
  })
{}

/** No such thing in this account. Another account's things are told apart from nothing by nobody. */
export class NotFound extends HttpApiError.Problem<NotFound>()("NotFound", kind("NotFound", 404, "No such thing"), {
  ...facts("NotFound"),
  what: Schema.Literals(["execution", "batch", "key", "log", "output"]),
  id: Schema.String,
  /** One with a similar id. */
  nearest: Schema.optionalKey(Schema.String)
}) {}

/** The execution has not ended yet, and only one that has can be treated so. */
export class Unended extends HttpApiError.Problem<Unended>()("Unended", kind("Unended", 409, "Not ended"), {
  ...facts("Unended"),
  id: Schema.String
}) {}

/** Not all of its files, or not all of its stdin, ever reached the grid. */
export class Unrepeatable extends HttpApiError.Problem<Unrepeatable>()(
  "Unrepeatable",
  kind("Unrepeatable", 409, "Can't be run again"),
  { ...facts("Unrepeatable"), id: Schema.String, lacks: Schema.Literals(["files", "stdin", "members"]) }
) {}

/** Several executions' ids begin so; `matches` are the newest of them. */
export class Ambiguous
  extends HttpApiError.Problem<Ambiguous>()("Ambiguous", kind("Ambiguous", 409, "Several begin so"), {
    ...facts("Ambiguous"),
    id: Schema.String,
    matches: Schema.Array(Schema.String)
  })
{}

/** The idempotency key was used for another job. */
export class KeyReused
  extends HttpApiError.Problem<KeyReused>()("KeyReused", kind("KeyReused", 409, "Key used for another job"), {
    ...facts("KeyReused"),
    key: Schema.String
  })
{}

/** The attempt no longer holds its execution: whoever gets this stops at once. */
export class AttemptStale extends HttpApiError.Problem<AttemptStale>()(
  "AttemptStale",
  kind("AttemptStale", 410, "Attempt is over"),
  { ...facts("AttemptStale"), execution: Schema.String, fence: Schema.Int }
) {}

/** The log ends elsewhere; go on from `length`. */
export class LogOffsetMismatch extends HttpApiError.Problem<LogOffsetMismatch>()(
  "LogOffsetMismatch",
  kind("LogOffsetMismatch", 409, "Ends elsewhere"),
  { ...facts("LogOffsetMismatch"), length: Schema.Int }
) {}

/** The request is well-formed JSON of the right shape, and still makes no sense. */
export class Unprocessable extends HttpApiError.Problem<Unprocessable>()(
  "Unprocessable",
  kind("Unprocessable", 422, "Makes no sense"),
  { ...facts("Unprocessable"), detail: Schema.String }
) {}

/** The grid failed, and not by what was asked. */
export class ServerFault extends HttpApiError.Problem<ServerFault>()(
  "ServerFault",
  kind("ServerFault", 500, "The grid failed"),
  facts("ServerFault")
) {}

/** The grid can't answer now: its database or its object store is away. Trying again is right. */
export class Unavailable extends HttpApiError.Problem<Unavailable>()(
  "Unavailable",
  kind("Unavailable", 503, "Can't answer now"),
  { ...facts("Unavailable"), part: Schema.Literals(["database", "objects", "logs", "grid"]), detail: Schema.String }
) {}

/** Every problem there is. */
export const problems = [
  Malformed,
  Unauthorized,
  Forbidden,
  NotFound,
  Unended,
  Unrepeatable,
  Ambiguous,
  KeyReused,
  AttemptStale,
  LogOffsetMismatch,
  Unprocessable,
  ServerFault,
  Unavailable
] as const
export type Problem = InstanceType<typeof problems[number]>
