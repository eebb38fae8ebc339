/** The contract of RGrid's HTTP interface. The server implements it, the clients are derived from it. */
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as OpenApi from "effect/http-api/OpenApi"
import { AccountGroup } from "./Account.ts"
import { AttemptsGroup } from "./Attempts.ts"
import { BatchesGroup } from "./Batches.ts"
import { CachesGroup } from "./Caches.ts"
import { CostsGroup } from "./Costs.ts"
import { Malformed, ServerFault } from "./Errors.ts"
import { ExecutionsGroup } from "./Executions.ts"
import { Health } from "./Health.ts"

export class SystemGroup extends HttpApiGroup.make("system", { topLevel: true }).add(
  HttpApiEndpoint.get("health", "/health", { success: Health })
) {}

/** What any request may be answered, and the sentences of every problem. */
export class Problems extends HttpApiMiddleware.Service<Problems>()("rgrid/api/Problems", {
  error: [Malformed, ServerFault]
}) {}

export class Api extends HttpApi.make("rgrid")
  .add(ExecutionsGroup)
  .add(BatchesGroup)
  .add(AttemptsGroup)
  .add(AccountGroup)
  .add(CostsGroup)
  .add(CachesGroup)
  .add(SystemGroup)
  .middleware(Problems)
  .annotateMerge(OpenApi.annotations({ title: "RGrid", version: "1" }))
{}
