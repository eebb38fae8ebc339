import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Retrying } from "rgrid/client/patience"
import { layer } from "../grid/connect.ts"
import { client } from "../grid/transport.ts"
import { makeTeller } from "../output/retrying.ts"
import { say } from "../output/stdio.ts"

const here = (connection: ReturnType<typeof layer>) =>
  Effect.provide(Layer.merge(client.pipe(Layer.provide(connection)), Layer.succeed(Retrying, makeTeller(say))))

/** Gives a command its grid; when that is away for a moment, says so. */
export const onGrid = here(layer())

/** The same for a grid that was looked for while there was other work to do. */
export const onGridFound = (looked: Parameters<typeof layer>[0]) => here(layer(looked))
