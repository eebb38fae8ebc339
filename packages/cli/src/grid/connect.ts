/** The grid a command speaks to. As in the SDK, but what must be started is started right here, with words about it. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Connection, fromEnvironment, fromLocal } from "rgrid/client/Connection"
import type { ConnectionIncomplete, GridNotStarted } from "rgrid/client/errors"
import { find } from "rgrid/client/LocalGrid"
import { mention, say } from "../output/stdio.ts"

const startHere = Effect.gen(function*() {
  // Most commands find a grid: they need not load what starts one.
  const { start } = yield* Effect.promise(() => import("./start.ts"))
  const { caveat } = yield* Effect.promise(() => import("./sandbox.ts"))
  const { fresh, grid, sandbox } = yield* start({ sandbox: "auto", progress: mention })
  const warning = fresh ? caveat(sandbox) : null
  if (warning !== null) yield* say(warning)
  return fromLocal(grid)
})

const resolve: Effect.Effect<Connection["Service"], ConnectionIncomplete | GridNotStarted> = Effect.gen(function*() {
  const named = yield* fromEnvironment()
  if (Option.isSome(named)) return named.value
  const up = yield* Effect.provide(find, FetchHttpClient.layer)
  return Option.isSome(up) ? fromLocal(up.value) : yield* startHere
})

export const layer: Layer.Layer<Connection, ConnectionIncomplete | GridNotStarted> = Layer.effect(Connection, resolve)
