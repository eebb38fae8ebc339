import * as Schema from "effect/Schema"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import { RunnerId } from "../domain/Id.ts"
import { ByteCount, Sha256 } from "../domain/JobSpec.ts"
import { Authorization } from "./Authorization.ts"
import { Unavailable } from "./Errors.ts"
import { MissingPart } from "./Executions.ts"

/** Most parts one call asks about. */
export const mostAnew = 1000

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

const Parts = Schema.Struct({
  parts: Schema.Array(Schema.Struct({ sha256: Sha256, size: ByteCount })).check(Schema.isMaxLength(mostAnew))
}).annotate({ identifier: "Parts" })

/** Those of them that are stored. */
const Stored = Schema.Struct({ stored: Schema.Array(MissingPart) }).annotate({ identifier: "Stored" })

export class CachesGroup extends HttpApiGroup.make("caches").add(
  HttpApiEndpoint.get("report", "/", { success: CacheReport, error: Unavailable }),
  HttpApiEndpoint.post("anew", "/anew", {
    payload: Parts,
    success: Stored,
    error: Unavailable
  })
).middleware(Authorization).prefix("/api/v1/cache") {}
