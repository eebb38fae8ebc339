import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as batches from "rgrid/client/batch/batches"
import { whyFacts } from "rgrid/client/executions"
import { why as answerOf } from "rgrid/domain/Why"
import { details, toJson as batchJson } from "../output/batches.ts"
import { causeLines, toJson as causeJson } from "../output/causes.ts"
import { toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import { explanation, told } from "../output/why.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

/** Of a batch: how it stands, and what its failures have in common. */
const whyBatch = Effect.fnUntraced(function*(id: string, json: boolean) {
  const batch = yield* batches.get(id)
  const causes = yield* batches.causes(batch.id)
  if (json) return yield* stdio.json({ batch: batchJson(batch), causes: causes.map(causeJson) })
  const lines = causeLines(batch.id, causes)
  yield* stdio.stdout(details(batch, yield* Clock.currentTimeMillis))
  yield* stdio.stdout(`\n${lines.length === 0 ? "Nothing of it failed." : lines.join("\n")}\n`)
})

export const why = Command.make("why", { id: flags.anyId, json: flags.json }, ({ id, json }) =>
  Effect.gen(function*() {
    if (batches.isBatch(id)) return yield* whyBatch(id, json)
    const facts = yield* whyFacts(id)
    const answer = answerOf(facts)
    if (!json) return yield* stdio.stdout(explanation(facts.execution, answer))
    yield* stdio.json({ execution: toJson(facts.execution), ...told(answer, id), ...answer })
  }).pipe(onGrid)).pipe(
    Command.withDescription(
      "Explain an execution: what it waits for, where its time went, why it failed, what happened to each attempt, " +
        "what it costs"
    ),
    Command.withShortDescription("Explain why an execution waits, is slow, failed or costs something"),
    Command.withExamples([
      { command: "rgrid why ID", description: "In words" },
      { command: "rgrid why BATCH", description: "What its failures have in common" },
      { command: "rgrid why ID --json", description: "The facts, for programs" }
    ])
  )
