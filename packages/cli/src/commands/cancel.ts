import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as batches from "rgrid/client/batch/batches"
import type { GridError } from "rgrid/client/errors"
import * as executions from "rgrid/client/executions"
import type { GridClient } from "rgrid/client/GridClient"
import { spoken } from "rgrid/domain/Execution"
import { isFinal } from "rgrid/domain/ExecutionState"
import { toJson as batchJson } from "../output/batches.ts"
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

const all = Effect.fnUntraced(function*(id: string, json: boolean) {
  const before = yield* batches.get(id)
  const after = yield* batches.cancel(before.id)
  if (!json) {
    yield* stdio.mention(before.endedAt === null ? `Canceled: ${before.id}` : `${before.id} had ended before.`)
  }
  return batchJson(after)
})

export const cancel = Command.make("cancel", { ids: flags.ids, json: flags.json }, ({ ids, json }) =>
  Effect.gen(function*() {
    const after = yield* Effect.forEach(ids, (id): Effect.Effect<unknown, GridError, GridClient> =>
      batches.isBatch(id) ? all(id, json) : one(id, json))
    if (json) yield* stdio.json(after.length === 1 ? after[0] : after)
  }).pipe(onGrid)).pipe(
    Command.withDescription("Cancel executions or batches; does nothing to what has ended"),
    Command.withExamples([
      { command: "rgrid cancel ID", description: "Ends the script; its logs stay" },
      { command: "rgrid cancel ID ID", description: "Several" },
      { command: "rgrid cancel BATCH", description: "All of it that has not ended" }
    ])
  )
