/** The grid a command speaks to. As in the SDK, but what must be started is started right here, with words about it. */
import type * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Connection, fromLocal, named } from "rgrid/client/Connection"
import type { ConnectionError, GridNotStarted } from "rgrid/client/errors"
import { find } from "rgrid/client/LocalGrid"
import { withSpinner } from "../output/spinner.ts"
import { say } from "../output/stdio.ts"
import { Profile, profileFlag } from "../profile.ts"
import { overHttp } from "./transport.ts"

const startHere = Effect.gen(function*() {
  // Most commands find a grid: they need not load what starts one.
  const { start } = yield* Effect.promise(() => import("./start.ts"))
  const { caveat } = yield* Effect.promise(() => import("./sandbox.ts"))
  const { fresh, grid, sandbox } = yield* withSpinner((progress) => start({ sandbox: "auto", progress }))
  const warning = fresh ? caveat(sandbox) : null
  if (warning !== null) yield* say(warning)
  return fromLocal(grid)
})

type Failure = ConnectionError | GridNotStarted

/** A flag that says nothing in the end deserves a word: the environment stands above it. */
const warnOfEnvironment = (profile: string | undefined) =>
  profile !== undefined && process.env["RGRID_URL"]
    ? say(`RGRID_URL is set: --${profileFlag} ${profile} is not used.`)
    : Effect.void

const resolve = Effect.gen(function*() {
  const profile = Option.getOrUndefined(yield* Profile)
  yield* warnOfEnvironment(profile)
  const grid = yield* named({ profile })
  if (Option.isSome(grid)) return grid.value
  const up = yield* Effect.provide(find, overHttp)
  return Option.isSome(up) ? fromLocal(up.value) : yield* startHere
})

export const layer: Layer.Layer<Connection, Failure, GlobalFlag.Setting.Identifier<"profile">> = Layer.effect(
  Connection,
  resolve
)
