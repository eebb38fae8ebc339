/** A control plane as a program: `launch` is all that whoever starts one needs. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as ByteSize from "effect/ByteSize"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as HttpRouter from "effect/http/HttpRouter"
import { MaxBodySize } from "effect/http/HttpServerRequest"
import type { ServeError } from "effect/http/HttpServerError"
import { createServer } from "node:http"
import { StdinFlows } from "rgrid/grid/stdin"
import { Identity } from "rgrid/ports/Identity"
import { CannotListen, DatabaseUnavailable, PortTaken, type ServerFailure } from "./failures.ts"
import { Activity, refusing } from "./http/Activity.ts"
import { routes } from "./http/routes.ts"
import * as layers from "./layers.ts"
import { idling } from "./loops/idle.ts"
import { sweeping } from "./loops/sweep.ts"
import { dispatching } from "./runners/dispatcher.ts"
import { Hints } from "./runners/Hints.ts"
import { Progress } from "./runners/Progress.ts"
import { RunnerSessions } from "./runners/RunnerSessions.ts"
import * as Secrets from "./Secrets.ts"
import type { ServerSettings } from "./Settings.ts"

export * from "./failures.ts"
export type { IdleSettings, ServerSettings } from "./Settings.ts"

/** Lines of JSON on stderr. They never hold a script, its environment or its output. */
const logging = Logger.layer([Logger.withConsoleError(Logger.formatJson)])

/** A job with 10,000 files is 3 MB; what is larger than this is no job. Streams have limits of their own. */
const largestBody = ByteSize.fromInputUnsafe("16 MiB")

const listenFailure = ({ host, port }: ServerSettings) => ({ cause }: ServeError) =>
  cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE"
    ? new PortTaken({ host, port })
    : new CannotListen({ host, port, cause: cause instanceof Error ? cause.message : String(cause) })

/** Connections end within two seconds of a SIGTERM; an upload of hours is not cut by Node's five minutes. */
const http = (settings: ServerSettings) =>
  NodeHttpServer.layer(() => createServer({ requestTimeout: 0 }), {
    host: settings.host,
    port: settings.port,
    gracefulShutdownTimeout: "2 seconds"
  }).pipe(Layer.catch((error) => Layer.effectContext(Effect.fail(listenFailure(settings)(error)))))

const bootstrap = ({ bootstrapKey }: ServerSettings) =>
  bootstrapKey === undefined
    ? Effect.void
    : Identity.use((identity) => identity.bootstrap(Redacted.value(bootstrapKey))).pipe(
      Effect.catchTags({
        StoreUnavailable: ({ detail }) => Effect.fail(new DatabaseUnavailable({ detail })),
        BadCredential: () => Effect.fail(new DatabaseUnavailable({ detail: "the bootstrap key is no key, or revoked" }))
      })
    )

/** Listens only when everything behind it is there. */
const serving = (settings: ServerSettings) =>
  Layer.unwrap(Effect.map(Activity, ({ counted }) =>
    HttpRouter.serve(Layer.merge(routes, refusing), { disableLogger: true, middleware: counted }))).pipe(
    Layer.provide(Layer.succeed(MaxBodySize, largestBody)),
    Layer.provide(http(settings)),
    Layer.merge(dispatching),
    Layer.merge(sweeping),
    Layer.merge(idling(settings.idle)),
    Layer.provide([RunnerSessions.layer, Hints.layer, Progress.layer, Activity.layer, StdinFlows.layer])
  )

const program = Effect.fnUntraced(function*(settings: ServerSettings) {
  const secrets = yield* Secrets.load(settings.dataDirectory)
  const served = Layer.unwrap(Effect.as(bootstrap(settings), serving(settings)))
  const announce = Layer.effectDiscard(
    Effect.logInfo("The control plane listens", { host: settings.host, port: settings.port })
  )
  return yield* Layer.launch(Layer.provideMerge(announce, served).pipe(Layer.provide(layers.stores(settings, secrets))))
})

/**
 * Runs a control plane until it is interrupted; then it ends connections first and its Postgres last. Fails only at the
 * start.
 */
export const launch = (settings: ServerSettings): Effect.Effect<never, ServerFailure> =>
  program(settings).pipe(Effect.provide(logging))

/** `ServerSettings` in plain values. */
export interface PlainServerSettings extends Omit<ServerSettings, "databaseUrl" | "bootstrapKey"> {
  readonly databaseUrl?: string
  readonly bootstrapKey?: string
}

/**
 * `launch` for a program with its own copy of Effect, as the bundled command line is: plain values in, a promise out. It
 * ends after `signal` and the cleaning up behind it, or rejects with a `ServerFailure`.
 */
export const run = async (
  { bootstrapKey, databaseUrl, ...settings }: PlainServerSettings,
  signal: AbortSignal
): Promise<void> => {
  const exit = await Effect.runPromiseExit(
    launch({
      ...settings,
      ...(databaseUrl === undefined ? {} : { databaseUrl: Redacted.make(databaseUrl) }),
      ...(bootstrapKey === undefined ? {} : { bootstrapKey: Redacted.make(bootstrapKey) })
    }),
    { signal }
  )
  if (Exit.isFailure(exit) && !signal.aborted) throw Cause.squash(exit.cause)
}
