import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as executions from "rgrid/client/executions"
import { spoken } from "rgrid/domain/Execution"
import { isFinal } from "rgrid/domain/ExecutionState"
import { toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

export const cancel = Command.make("cancel", { id: flags.id, json: flags.json }, ({ id, json }) =>
  Effect.gen(function*() {
    const before = yield* executions.get(id)
    const after = yield* executions.cancel(id)
    if (json) return yield* stdio.json(toJson(after))
    yield* stdio.mention(
      isFinal(before.state) ? `${id} had ended before: ${spoken(before.state)}.` : `Canceled: ${id}`
    )
  }).pipe(onGrid)).pipe(
    Command.withDescription("Cancel an execution; does nothing to one that has ended"),
    Command.withExamples([{ command: "rgrid cancel ID", description: "Ends the script; its logs stay" }])
  )
