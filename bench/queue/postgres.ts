/** A Postgres of their own for the queues, as a grid on this machine has it. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { randomBytes } from "node:crypto"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as EmbeddedPostgres from "../../packages/server/src/adapters/postgres/EmbeddedPostgres.ts"
import { PostgresServer } from "../../packages/server/src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../../packages/server/src/adapters/postgres/PostgresStores.ts"
import { rgrid } from "./rgrid.ts"

const key = () => Redacted.make(new Uint8Array(randomBytes(32)))

/** `prepare` is done in an earlier life of the same Postgres: some settings need another start. */
export const withPostgres = async <A>(
  use: (ours: Effect.Success<typeof rgrid>, url: Redacted.Redacted) => Promise<A>,
  prepare?: (url: Redacted.Redacted) => Promise<void>
): Promise<A> => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "rgrid-bench-"))
  chmodSync(dataDirectory, 0o711)
  const postgres = EmbeddedPostgres.layer({ dataDirectory })
  const stores = PostgresStores.layer({ encryptionKey: key(), pepper: { version: 1, key: key() } })
  const before = Effect.gen(function*() {
    const { ownerUrl } = yield* PostgresServer
    if (prepare !== undefined) yield* Effect.promise(() => prepare(ownerUrl))
  }).pipe(Effect.scoped, Effect.provide(postgres))
  const measured = Effect.gen(function*() {
    const { ownerUrl } = yield* PostgresServer
    const ours = yield* rgrid
    return yield* Effect.promise(() => use(ours, ownerUrl))
  }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(stores, postgres)))
  try {
    if (prepare !== undefined) await Effect.runPromise(before)
    return await Effect.runPromise(measured)
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}
