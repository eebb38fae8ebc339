import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as executions from "rgrid/client/executions"
import { details, toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { show } from "./list.ts"
import { onGrid } from "./onGrid.ts"

const id = Argument.optional(flags.id)

export const status = Command.make("status", { id, json: flags.json }, ({ id, json }) =>
  Effect.gen(function*() {
    if (Option.isNone(id)) return yield* show({ limit: 10 }, json)
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
