import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as executions from "rgrid/client/executions"
import { GridClient } from "rgrid/client/GridClient"
import { gridDirectory } from "rgrid/client/gridFile"
import * as settings from "../grid/settings.ts"
import { idleWords } from "../input.ts"
import { details, toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { show } from "./list.ts"
import { onGrid } from "./onGrid.ts"

/** Of the grid of this machine, for who looks: how long it stays. */
const tellIdle = Effect.gen(function*() {
  const { connection } = yield* GridClient
  const known = connection.local ? yield* settings.read(gridDirectory()) : Option.none()
  if (Option.isNone(known) || known.value.idleSeconds === null) return
  yield* stdio.mention(`The grid of this machine stops itself after ${idleWords(known.value.idleSeconds)} without work.`)
})

const id = Argument.optional(flags.id)

export const status = Command.make("status", { id, json: flags.json }, ({ id, json }) =>
  Effect.gen(function*() {
    if (Option.isNone(id)) return yield* Effect.andThen(tellIdle, show({ limit: 10 }, json))
    const execution = yield* executions.get(id.value)
    if (json) return yield* stdio.json(toJson(execution))
    yield* stdio.stdout(details(execution, yield* Clock.currentTimeMillis))
  }).pipe(onGrid)).pipe(
    Command.withDescription("Show one execution, or the recent ones"),
    Command.withExamples([
      { command: "rgrid status", description: "The recent executions" },
      { command: "rgrid status ID --json", description: "One execution, for programs" }
    ])
  )
