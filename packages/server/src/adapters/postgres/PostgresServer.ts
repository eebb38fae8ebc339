/** A Postgres that somebody runs: the embedded one, or the one a URL names. */
import * as Context from "effect/Context"
import type * as Redacted from "effect/Redacted"

export class PostgresServer extends Context.Service<PostgresServer, {
  /** Login of the owner: makes roles and tables. The stores' sessions give its rights up as they begin. */
  readonly ownerUrl: Redacted.Redacted
}>()("@rgrid/server/adapters/postgres/PostgresServer") {}
