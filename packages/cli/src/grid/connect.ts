/** The grid a command speaks to. As in the SDK, but what must be started is started right here, with words about it. */
import type * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Connection, fromLocal, named } from "rgrid/client/Connection"
import type { ConnectionError, GridNotStarted } from "rgrid/client/errors"
import { find, startBy } from "rgrid/client/LocalGrid"
import { withSpinner } from "../output/spinner.ts"
import { say } from "../output/stdio.ts"
import { Profile, profileFlag } from "../profile.ts"
import { isSingleFile, wholeProgram } from "../singleFile.ts"
import { overHttp } from "./transport.ts"

const startByWhole = Effect.gen(function*() {
  const whole = yield* wholeProgram
  const { grid, said } = yield* withSpinner((progress) =>
    Effect.andThen(progress("Starting the grid of this machine…"), startBy(whole)))
  if (said.trim() !== "") yield* say(said.trimEnd())
  return fromLocal(grid)
})

const startHere = Effect.gen(function*() {
  if (isSingleFile()) return yield* startByWhole
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

/** The grid that is meant, if it is there: nothing is started, and nothing is said. */
export const look = Effect.gen(function*() {
  const grid = yield* named({ profile: Option.getOrUndefined(yield* Profile) })
  if (Option.isSome(grid)) return grid
  return Option.map(yield* Effect.provide(find, overHttp), fromLocal)
})

type Looked = Effect.Effect<Option.Option<Connection["Service"]>, Failure, GlobalFlag.Setting.Identifier<"profile">>

/** `looked`: what `look` finds, or a fiber of it found meanwhile. */
export const layer = (
  looked: Looked = look
): Layer.Layer<Connection, Failure, GlobalFlag.Setting.Identifier<"profile">> =>
  Layer.effect(
    Connection,
    Effect.gen(function*() {
      yield* warnOfEnvironment(Option.getOrUndefined(yield* Profile))
      const found = yield* looked
      return Option.isSome(found) ? found.value : yield* startHere
    })
  )
