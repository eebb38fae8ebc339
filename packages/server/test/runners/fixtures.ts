/** The two sockets on a port of their own, over stores in memory that can be taken away and slowed down. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import { createServer } from "node:http"
import { StdinFlows } from "rgrid/grid/stdin"
import { format, generate, type Scope } from "rgrid/domain/ApiKey"
import { type AccountId, type ExecutionId, executionId } from "rgrid/domain/Id"
import { jobSpec } from "rgrid/domain/JobSpec"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import * as MemoryIdentity from "rgrid/grid/MemoryIdentity"
import { ExecutionStore, StoreUnavailable } from "rgrid/ports/ExecutionStore"
import { Identity } from "rgrid/ports/Identity"
import { AttemptTokens } from "../../src/AttemptToken.ts"
import { runnerSocket } from "../../src/http/runnerSocket.ts"
import { dispatching } from "../../src/runners/dispatcher.ts"
import { Hints } from "../../src/runners/Hints.ts"
import { Progress } from "../../src/runners/Progress.ts"
import { RunnerSessions } from "../../src/runners/RunnerSessions.ts"

/** What a test does to the database. */
export class Database extends Context.Service<Database, {
  away: boolean
  /** A claim that found something answers only after this. */
  afterClaim: Effect.Effect<void>
  lost: number
  /** Claims that were asked for, whatever they found. */
  looks: number
}>()("test/Database") {
  static readonly layer = Layer.sync(Database, () => ({ away: false, afterClaim: Effect.void, lost: 0, looks: 0 }))
}

const memory = Layer.effect(
  ExecutionStore,
  Effect.gen(function*() {
    const database = yield* Database
    const { executions: store } = yield* MemoryStores.make
    const unless = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
      Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> =>
        database.away ? Effect.fail(new StoreUnavailable({ detail: "away" })) : effect
      )
    return {
      ...store,
      find: (account, id) => unless(store.find(account, id)),
      claim: (claimant, count) => {
        database.looks++
        return unless(Effect.tap(
          store.claim(claimant, count),
          ({ length }) => length > 0 ? database.afterClaim : Effect.void
        ))
      },
      renew: (incarnation, attempts) => unless(store.renew(incarnation, attempts)),
      reclaim: (runner, incarnation) => unless(store.reclaim(runner, incarnation)),
      lose: (attempt, detail) => {
        database.lost++
        return unless(store.lose(attempt, detail))
      }
    }
  })
)

export class Grid extends Context.Service<Grid, {
  /** `ws://…` */
  readonly url: string
  readonly account: AccountId
  /** A key with this scope only. */
  readonly keyOf: (scope: Scope) => Effect.Effect<string>
}>()("test/RunnerGrid") {}

const grid = Layer.effect(Grid, Effect.gen(function*() {
  const { address } = yield* HttpServer.HttpServer
  const identity = yield* Identity
  const { account } = yield* identity.bootstrap(format(generate()))
  return {
    url: HttpServer.formatAddress(address).replace("http", "ws"),
    account,
    keyOf: (scope) => Effect.orDie(Effect.map(identity.create(account, scope, [scope]), ({ key }) => key))
  }
}))

const tokens = AttemptTokens.layer(Redacted.make(new Uint8Array(32)))

export const stores = Layer.mergeAll(memory, MemoryIdentity.layer, tokens).pipe(
  Layer.provideMerge(Database.layer),
  Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "Error"))
)

/** Routes on a port of 127.0.0.1, with whom a test needs to speak to them. */
export const serve = <E, R>(routes: Layer.Layer<never, E, R>) =>
  grid.pipe(
    Layer.provideMerge(HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true })),
    Layer.provideMerge(
      NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0, gracefulShutdownTimeout: "1 second" })
    ),
    Layer.provideMerge(NodeSocket.layerWebSocketConstructor)
  )

export const server = serve(runnerSocket).pipe(
  Layer.merge(dispatching),
  Layer.provideMerge([RunnerSessions.layer, Hints.layer, Progress.layer, StdinFlows.layer]),
  Layer.provideMerge(stores)
)

type Queued = Effect.fn.Return<ExecutionId, never, Grid | ExecutionStore>

export const queued = Effect.fnUntraced(function*(retries = 2): Queued {
  const { account } = yield* Grid
  const id = executionId(Date.now())
  const spec = jobSpec({ runtime: "sh", script: "a.sh", interpreter: ["sh"], cwd: "/w", retries })
  yield* ExecutionStore.use((store) => Effect.orDie(store.accept({ id, account, spec })))
  return id
})
