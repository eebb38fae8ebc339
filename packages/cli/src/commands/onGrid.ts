import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Retrying } from "rgrid/client/patience"
import { layer } from "../grid/connect.ts"
import { client } from "../grid/transport.ts"
import { makeTeller } from "../output/retrying.ts"
import { say } from "../output/stdio.ts"

/** Gives a command its grid; when that is away for a moment, says so. */
export const onGrid = Effect.provide(
  Layer.merge(client.pipe(Layer.provide(layer)), Layer.succeed(Retrying, makeTeller(say)))
)
