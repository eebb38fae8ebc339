/** Why a control plane does not start. Each carries its own words: the command line shows `detail`. */
import * as Schema from "effect/Schema"

export class PortTaken extends Schema.TaggedError<PortTaken>()("PortTaken", { host: Schema.String, port: Schema.Int }) {
  get detail(): string {
    return `port ${this.port} of ${this.host} is taken by another program`
  }
}

/** The address is not one of this machine's, or may not be listened on. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  host: Schema.String,
  port: Schema.Int,
  cause: Schema.String
}) {
  get detail(): string {
    return `${this.host}:${this.port} can't be listened on (${this.cause})`
  }
}

export class DataDirectoryUnusable extends Schema.TaggedError<DataDirectoryUnusable>()("DataDirectoryUnusable", {
  path: Schema.String,
  cause: Schema.String
}) {
  get detail(): string {
    return `${this.path} can't be used as data directory: ${this.cause}`
  }
}

/** `secrets.json` is there and is not what it was: going on would lose what is sealed under it. */
export class SecretsDamaged extends Schema.TaggedError<SecretsDamaged>()("SecretsDamaged", { path: Schema.String }) {
  get detail(): string {
    return `${this.path} is damaged; restore it from a backup, or remove it together with the database`
  }
}

export class DatabaseUnavailable extends Schema.TaggedError<DatabaseUnavailable>()("DatabaseUnavailable", {
  detail: Schema.String
}) {}

export type ServerFailure = PortTaken | CannotListen | DataDirectoryUnusable | SecretsDamaged | DatabaseUnavailable
