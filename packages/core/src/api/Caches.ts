import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import { RunnerId } from "../domain/Id.ts"
import { ByteCount } from "../domain/JobSpec.ts"
import { Authorization } from "./Authorization.ts"
import { Unavailable } from "./Errors.ts"

/** What a worker has on its disk so as not to fetch or build it again, of all accounts. */
export const Kept = Schema.Struct({
  parts: Schema.Int,
  bytes: ByteCount,
  /** Beyond it, what was not used for longest goes. */
  limitBytes: ByteCount,
  /** What scripts depend on, built. */
  layers: Schema.optionalKey(Schema.Struct({ count: Schema.Int, bytes: ByteCount }))
}).annotate({ identifier: "Kept" })
export type Kept = typeof Kept.Type

export const CacheReport = Schema.Struct({
  /** Inputs of the account on the grid, each once. */
  stored: Schema.Struct({
    parts: Schema.Int,
    bytes: ByteCount,
    /** What its executions would take beside that if each had stored its own. */
    savedBytes: ByteCount
  }),
  workers: Schema.Array(Schema.Struct({
    id: RunnerId,
    name: Schema.String,
    /** Null: it has not said. */
    kept: Schema.NullOr(Kept)
  }))
}).annotate({ identifier: "CacheReport" })
export type CacheReport = typeof CacheReport.Type

export class CachesGroup extends HttpApiGroup.make("caches").add(
  HttpApiEndpoint.get("report", "/", { success: CacheReport, error: Unavailable })
    .annotate(OpenApi.Summary, "What is stored and kept, so that it is not sent or built again")
).middleware(Authorization).prefix("/api/v1/cache") {}
