import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { join } from "node:path"
import * as LogStoreContract from "rgrid/testing/LogStoreContract"
import * as FilesLogStore from "../../src/adapters/files/FilesLogStore.ts"
import * as FilesObjectStore from "../../src/adapters/files/FilesObjectStore.ts"

const files = (over: { readonly mostKnown?: number }) =>
  Layer.unwrap(Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped({ prefix: "rgrid-logs-" })
    return FilesLogStore.layer({ ...over, directory: join(directory, "logs") }).pipe(
      Layer.provide(FilesObjectStore.layer({ directory: join(directory, "objects"), signingKey: new Uint8Array(32) }))
    )
  })).pipe(Layer.provide(NodeServices.layer))

LogStoreContract.suite("files", { layer: files({}) })

// All it knows of a log is looked up anew whenever nobody is busy with it.
LogStoreContract.suite("files, forgetful", { layer: files({ mostKnown: 0 }) })
