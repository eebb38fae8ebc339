import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as executions from "rgrid/client/executions"
import { spoken } from "rgrid/domain/Execution"
import { isFinal } from "rgrid/domain/ExecutionState"
import { toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const one = Effect.fnUntraced(function*(id: string, json: boolean) {
  const before = yield* executions.get(id)
  const after = yield* executions.cancel(before.id)
  if (!json) {
    const ended = `${before.id} had ended before: ${spoken(before.state)}.`
    yield* stdio.mention(isFinal(before.state) ? ended : `Canceled: ${before.id}`)
  }
  return toJson(after)
})

export const cancel = Command.make("cancel", { ids: flags.ids, json: flags.json }, ({ ids, json }) =>
  Effect.gen(function*() {
    const after = yield* Effect.forEach(ids, (id) => one(id, json))
    if (json) yield* stdio.json(after.length === 1 ? after[0] : after)
  }).pipe(onGrid)).pipe(
    Command.withDescription("Cancel executions; does nothing to those that have ended"),
    Command.withExamples([
      { command: "rgrid cancel ID", description: "Ends the script; its logs stay" },
      { command: "rgrid cancel ID ID", description: "Several" }
    ])
  )
