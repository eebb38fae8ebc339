/** How a grid is. Apart from the contract, which is more than a program needs to find one. */
import * as Schema from "effect/Schema"

/** `ok`, or what is wrong with it. */
export const Health = Schema.Struct({
  status: Schema.Literals(["ok", "degraded"]),
  database: Schema.String,
  storage: Schema.String,
  version: Schema.String
}).annotate({ identifier: "Health" })
export type Health = typeof Health.Type
