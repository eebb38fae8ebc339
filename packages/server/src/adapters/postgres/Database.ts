/** The pools behind the stores, one for each role, and what every verb needs beside them. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { SqlError } from "effect/sql/SqlError"
import type { AccountId } from "rgrid/domain/Id"
import type { Hint } from "rgrid/ports/ExecutionStore"
import { announcer, type Ear, ear as makeEar } from "./hints.ts"
import { appRole, gridRole, startupOptions } from "./Roles.ts"
import type { Sealing } from "./sealing.ts"

export interface Database {
  /** Sees nothing until `asAccount` says whose rows. */
  readonly app: PgClient.PgClient
  /** Sees every account's rows: for the grid's own verbs, each one statement and so one round trip. */
  readonly grid: PgClient.PgClient
  readonly sealing: Sealing
  /** Tells this server at once, and others some time soon. To be called after the commit of what they hint at. */
  readonly ear: Ear
  readonly tell: (hints: ReadonlyArray<Hint>) => Effect.Effect<void>
  /** What works for several callers at once lives here, not in the fiber of one of them. */
  readonly scope: Scope.Scope
  /** A transaction that sees one account's rows. */
  readonly asAccount: <A, E, R>(
    account: AccountId,
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | SqlError, R>
}

/** Embedded Postgres takes 20 connections: 4 and 4 here, one each to listen and to notify, the rest for migrations. */
const poolSize = 4

/** A job of 100,000 files is a value of 25 MB; jsonb itself ends at 255 MB. */
const maxMessageSize = 256 * 1024 * 1024

export const make = Effect.fnUntraced(function*(url: Redacted.Redacted, sealing: Sealing) {
  const pool = (role: typeof appRole | typeof gridRole) =>
    PgClient.make({
      url,
      startupOptions: startupOptions(role),
      maxConnections: poolSize,
      maxMessageSize,
      applicationName: role
    })
  const ear = yield* makeEar
  const app = yield* pool(appRole)
  const grid = yield* pool(gridRole)
  const database: Database = {
    app,
    grid,
    sealing,
    ear,
    tell: yield* announcer(url, ear),
    scope: yield* Scope.Scope,
    asAccount: (account, effect) =>
      app.withTransaction(
        Effect.andThen(app`select set_config('rgrid.account', ${account}, true)`, effect)
      )
  }
  return database
}, Effect.provide(Reactivity.layer))
