/** Executions and identities over one Postgres: migrated, with its pools and its ear. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { BatchStore } from "rgrid/ports/BatchStore"
import { ExecutionStore, type StoreUnavailable } from "rgrid/ports/ExecutionStore"
import { Identity } from "rgrid/ports/Identity"
import type { Pepper } from "./apiKeys.ts"
import * as Database from "./Database.ts"
import { type MigrationRefused, refusedByRights, unavailable } from "./errors.ts"
import { listen } from "./hints.ts"
import { migrate, type Migration, read, sqlDirectory } from "./Migrations.ts"
import * as PostgresBatchStore from "./PostgresBatchStore.ts"
import * as PostgresExecutionStore from "./PostgresExecutionStore.ts"
import * as PostgresIdentity from "./PostgresIdentity.ts"
import { PostgresServer } from "./PostgresServer.ts"
import * as Sealing from "./sealing.ts"

export interface StoreSettings {
  /** 32 bytes. What was sealed under it is lost with it. */
  readonly encryptionKey: Redacted.Redacted<Uint8Array>
  /** Under which new keys are kept. */
  readonly pepper: Pepper
  /** Under which older keys still hold. */
  readonly olderPeppers?: ReadonlyArray<Pepper>
  /** How long a database that is not up yet is waited for. Default 30 seconds. */
  readonly patience?: Duration.Duration
}

/** Migrates over a connection of its own that is closed afterwards. A database still starting is waited for. */
export const prepare = (
  url: Redacted.Redacted,
  patience: Duration.Duration = Duration.seconds(30),
  migrations: ReadonlyArray<Migration> = read(sqlDirectory())
): Effect.Effect<number, MigrationRefused | StoreUnavailable> =>
  PgClient.makeClient({ url, applicationName: "rgrid_migrate" }).pipe(
    Effect.flatMap((sql) => migrate(sql, migrations)),
    Effect.scoped,
    Effect.provide(Reactivity.layer),
    refusedByRights,
    unavailable,
    Effect.retry({
      while: (error) => error.isRetryable,
      schedule: Schedule.spaced("250 millis").pipe(Schedule.upTo({ duration: patience }))
    })
  )

export const layer = (
  settings: StoreSettings
): Layer.Layer<ExecutionStore | BatchStore | Identity, MigrationRefused | StoreUnavailable, PostgresServer> =>
  Layer.effectContext(Effect.gen(function*() {
    const { ownerUrl } = yield* PostgresServer
    yield* prepare(ownerUrl, settings.patience)
    const db = yield* unavailable(Database.make(ownerUrl, Sealing.make(settings.encryptionKey)))
    const peppers = [settings.pepper, ...settings.olderPeppers ?? []] as const
    return Context.make(ExecutionStore, PostgresExecutionStore.make(db, yield* listen(ownerUrl, db.ear))).pipe(
      Context.add(BatchStore, PostgresBatchStore.make(db)),
      Context.add(Identity, PostgresIdentity.make(db, peppers))
    )
  }))

/** Over a Postgres that somebody else runs. */
export const layerUrl = (ownerUrl: Redacted.Redacted, settings: StoreSettings) =>
  layer(settings).pipe(Layer.provide(Layer.succeed(PostgresServer, { ownerUrl })))
