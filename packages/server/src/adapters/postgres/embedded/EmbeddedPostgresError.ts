import * as Schema from "effect/Schema"

/** The embedded Postgres can't be brought up here. `detail` says what it said; the log has the rest. */
export class EmbeddedPostgresError extends Schema.TaggedError<EmbeddedPostgresError>()("EmbeddedPostgresError", {
  phase: Schema.Literals(["binaries", "user", "directory", "initdb", "start", "login"]),
  detail: Schema.String
}) {
  override get message(): string {
    return `The grid's own Postgres failed (${this.phase}): ${this.detail}`
  }
}
