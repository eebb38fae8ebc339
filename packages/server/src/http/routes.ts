/** Everything the server answers to. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { jobSchema, jobSchemaPath } from "rgrid/api/jobSchema"
import { account } from "./account.ts"
import { attempts } from "./attempts.ts"
import { attemptAuthorization, authorization } from "./authorization.ts"
import { batches } from "./batches.ts"
import { caches } from "./caches.ts"
import { costs } from "./costs.ts"
import { executions } from "./executions.ts"
import { logStream } from "./logStream.ts"
import { objectRoutes } from "./objects.ts"
import { Documented } from "./openapi/document.ts"
import { layer as problems, plain } from "./problems.ts"
import { runnerSocket } from "./runnerSocket.ts"
import { system } from "./system.ts"

const api = HttpApiBuilder.layer(Documented, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide([executions, batches, attempts, account, costs, caches, system]),
  Layer.provide([authorization, attemptAuthorization, problems])
)

const schema = HttpRouter.add("GET", jobSchemaPath, HttpServerResponse.jsonUnsafe(jobSchema()))

/** The page holds megabytes of a program: nothing of it is in memory before somebody looks at it. */
const docs = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const page = Effect.gen(function*() {
    const HttpApiScalar = yield* Effect.promise(() => import("effect/http-api/HttpApiScalar"))
    return yield* HttpRouter.toHttpEffect(HttpApiScalar.layer(Documented, { path: "/docs" }))
  })
  const built = yield* Effect.cached(Scope.provide(page, yield* Effect.scope))
  yield* router.add("GET", "/docs", Effect.flatten(built))
}))

const unknown = HttpRouter.add("*", "/*", plain(404, "There is nothing here.", "GET /openapi.json lists what there is."))

export const routes = Layer.mergeAll(
  api,
  docs,
  objectRoutes,
  schema,
  logStream,
  runnerSocket,
  unknown
)
