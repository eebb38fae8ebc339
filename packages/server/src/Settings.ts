import type * as Redacted from "effect/Redacted"

/** When a control plane that nobody needs ends. */
export interface IdleSettings {
  readonly limitMillis: number
  /** Has whoever started it end it, with all that belongs to it. */
  readonly end: () => Promise<void>
}

/** What a control plane is started with. */
export interface ServerSettings {
  /** Address to listen on. */
  readonly host: string
  readonly port: number
  /** Absolute. Objects, live logs, `secrets.json` and, without `databaseUrl`, the embedded Postgres live below it. */
  readonly dataDirectory: string
  /** Owner's login to an existing Postgres. Absent: the embedded one is started. */
  readonly databaseUrl?: Redacted.Redacted
  /** An admin key that exists from the first start on: how the grid of this machine gets its key. */
  readonly bootstrapKey?: Redacted.Redacted
  /** Absent: it serves until it is told to end. */
  readonly idle?: IdleSettings
}
