import * as Effect from "effect/Effect"
import { ClientLive } from "rgrid/client/layers"
import * as Layer from "effect/Layer"
import { layer } from "../grid/connect.ts"

/** Gives a command its grid. */
export const onGrid = Effect.provide(ClientLive.pipe(Layer.provide(layer)))
