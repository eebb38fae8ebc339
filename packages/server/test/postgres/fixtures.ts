/** An embedded Postgres of the test's own, gone with it. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Redacted from "effect/Redacted"
import * as EmbeddedPostgres from "../../src/adapters/postgres/EmbeddedPostgres.ts"
import { PostgresServer } from "../../src/adapters/postgres/PostgresServer.ts"
import type { StoreSettings } from "../../src/adapters/postgres/PostgresStores.ts"

export const storeSettings: StoreSettings = {
  encryptionKey: Redacted.make(new Uint8Array(32).fill(7)),
  pepper: { version: 2, key: Redacted.make(new Uint8Array(32).fill(8)) },
  olderPeppers: [{ version: 1, key: Redacted.make(new Uint8Array(32).fill(9)) }]
}

/** As root, Postgres runs under another uid and must be able to enter. */
export const temporary = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "rgrid-pg-" })
  yield* fs.chmod(directory, 0o711)
  return directory
})

export const embedded = Layer.unwrap(
  Effect.map(temporary, (dataDirectory) => EmbeddedPostgres.layer({ dataDirectory }))
).pipe(Layer.provide(NodeServices.layer))

export const connect = (url: Redacted.Redacted, startupOptions?: string) =>
  PgClient.make({ url, startupOptions, maxConnections: 2 }).pipe(Effect.provide(Reactivity.layer))

/** A session of the owner. */
export const owner = Effect.flatMap(PostgresServer, ({ ownerUrl }) => connect(ownerUrl))

/** A new database in the same server. */
export const freshDatabase = Effect.fnUntraced(function*(name: string) {
  const { ownerUrl } = yield* PostgresServer
  const sql = yield* owner
  yield* sql`${sql.literal(`create database ${name}`)}`
  return Redacted.make(Redacted.value(ownerUrl).replace(/\/postgres$/, `/${name}`))
})
