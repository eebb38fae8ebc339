/** Which adapters a control plane runs on. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { BatchStore } from "rgrid/ports/BatchStore"
import type { ExecutionStore } from "rgrid/ports/ExecutionStore"
import type { Identity } from "rgrid/ports/Identity"
import { join } from "node:path"
import * as FilesLogStore from "./adapters/files/FilesLogStore.ts"
import * as FilesObjectStore from "./adapters/files/FilesObjectStore.ts"
import * as EmbeddedPostgres from "./adapters/postgres/EmbeddedPostgres.ts"
import * as PostgresStores from "./adapters/postgres/PostgresStores.ts"
import { AttemptTokens } from "./AttemptToken.ts"
import { DatabaseUnavailable, DataDirectoryUnusable } from "./failures.ts"
import type { Secrets } from "./Secrets.ts"
import type { ServerSettings } from "./Settings.ts"

const database = (
  { dataDirectory, databaseUrl }: ServerSettings,
  { encryptionKey, pepper }: Secrets
): Layer.Layer<ExecutionStore | BatchStore | Identity, DatabaseUnavailable> => {
  const stores = { encryptionKey, pepper }
  const layer = databaseUrl === undefined
    ? PostgresStores.layer(stores).pipe(Layer.provide(EmbeddedPostgres.layer({ dataDirectory })))
    : PostgresStores.layerUrl(databaseUrl, stores)
  return Layer.catch(layer, (error) =>
    Layer.effectContext(Effect.fail(
      new DatabaseUnavailable({ detail: "detail" in error ? error.detail : String(error) })
    )))
}

const files = ({ dataDirectory }: ServerSettings, { signingKey }: Secrets) => {
  const objects = FilesObjectStore.layer({
    directory: join(dataDirectory, "objects"),
    signingKey: Redacted.value(signingKey)
  })
  return FilesLogStore.layer({ directory: join(dataDirectory, "logs") }).pipe(
    Layer.provideMerge(objects),
    Layer.catch((error) =>
      Layer.effectContext(Effect.fail(new DataDirectoryUnusable({ path: dataDirectory, cause: error.detail })))
    )
  )
}

/** The stores a control plane stands on, and the tokens it gives out. */
export const stores = (settings: ServerSettings, secrets: Secrets) =>
  Layer.mergeAll(database(settings, secrets), files(settings, secrets), AttemptTokens.layer(secrets.signingKey))
