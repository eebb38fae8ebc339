/** A whole control plane on a port of its own, over stores in memory and files in a temporary directory. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as ByteSize from "effect/ByteSize"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import { MaxBodySize } from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import { join } from "node:path"
import { StdinFlows } from "rgrid/grid/stdin"
import { format, generate } from "rgrid/domain/ApiKey"
import { jobSpec, Sha256 } from "rgrid/domain/JobSpec"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import * as MemoryIdentity from "rgrid/grid/MemoryIdentity"
import { Identity } from "rgrid/ports/Identity"
import * as FilesLogStore from "../../src/adapters/files/FilesLogStore.ts"
import * as FilesObjectStore from "../../src/adapters/files/FilesObjectStore.ts"
import { AttemptTokens } from "../../src/AttemptToken.ts"
import { routes } from "../../src/http/routes.ts"
import { dispatching } from "../../src/runners/dispatcher.ts"
import { Hints } from "../../src/runners/Hints.ts"
import { Progress } from "../../src/runners/Progress.ts"
import { RunnerSessions } from "../../src/runners/RunnerSessions.ts"

const signingKey = new Uint8Array(32).fill(5)

const files = Layer.unwrap(Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "rgrid-api-" })
  return FilesLogStore.layer({ directory: join(directory, "logs") }).pipe(
    Layer.provideMerge(FilesObjectStore.layer({ directory: join(directory, "objects"), signingKey }))
  )
})).pipe(Layer.provide(NodeServices.layer))

const stores = Layer.mergeAll(
  MemoryStores.layer,
  MemoryIdentity.layer,
  files,
  AttemptTokens.layer(Redacted.make(signingKey))
)

/** Where the server is, and an admin's key for it. */
export class Grid extends Context.Service<Grid, {
  readonly url: string
  readonly key: string
}>()("test/Grid") {}

const grid = Layer.effect(Grid, Effect.gen(function*() {
  const { address } = yield* HttpServer.HttpServer
  const key = format(generate())
  yield* Identity.use((identity) => identity.bootstrap(key))
  return { url: HttpServer.formatAddress(address), key }
}))

export const server = grid.pipe(
  Layer.provideMerge(HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true })),
  Layer.provide(Layer.succeed(MaxBodySize, ByteSize.fromInputUnsafe("16 MiB"))),
  Layer.provideMerge(
    NodeHttpServer.layer(() => createServer({ requestTimeout: 0 }), {
      host: "127.0.0.1",
      port: 0,
      gracefulShutdownTimeout: "1 second"
    })
  ),
  Layer.merge(dispatching),
  Layer.provide([RunnerSessions.layer, Hints.layer, Progress.layer, StdinFlows.layer]),
  Layer.provideMerge(stores),
  Layer.provideMerge(NodeSocket.layerWebSocketConstructor)
)

export interface Asked {
  readonly token?: string
  readonly json?: unknown
  readonly bytes?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
}

/** A request as any program would make it; without `token` with the admin's key, with an empty one with none. */
export const ask = Effect.fnUntraced(function*(method: string, path: string, asked: Asked = {}) {
  const { key, url } = yield* Grid
  const token = asked.token ?? key
  const body = asked.json === undefined ? asked.bytes : JSON.stringify(asked.json)
  const headers = {
    ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
    ...(asked.json === undefined ? {} : { "content-type": "application/json" }),
    ...(asked.bytes === undefined ? {} : { "content-type": "application/octet-stream" }),
    ...asked.headers
  }
  return yield* Effect.promise(async (signal): Promise<Answered> => {
    const init: RequestInit = { method, headers, signal, ...(body === undefined ? {} : { body: new Blob([body]) }) }
    const response = await fetch(new URL(path, url), init)
    return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) }
  })
})

const text = new TextDecoder()

/** The body of an answer, which must have this shape. */
export const read = <S extends Schema.ConstraintDecoder<unknown, never>>(
  schema: S,
  { bytes }: Answered
): Effect.Effect<S["Type"]> =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(text.decode(bytes)).pipe(Effect.orDie)

/** The name of the error an answer carries. */
export const codeOf = (answered: Answered): Effect.Effect<string> =>
  Effect.map(read(Schema.Struct({ code: Schema.String }), answered), ({ code }) => code)

export const sha256 = (bytes: Uint8Array): Sha256 => Sha256.make(createHash("sha256").update(bytes).digest("hex"))

export const contentOf = (bytes: Uint8Array) => ({
  size: bytes.length,
  sha256: sha256(bytes),
  parts: bytes.length === 0 ? [] : [sha256(bytes)]
})

/** A job whose script is these bytes. */
export const job = (script: Uint8Array) =>
  jobSpec({
    runtime: "python:3.11",
    script: "main.py",
    interpreter: ["python3"],
    cwd: "/home/someone/project",
    files: [{ path: "main.py", mode: 0o644, content: contentOf(script) }]
  })
