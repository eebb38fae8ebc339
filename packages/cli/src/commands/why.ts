import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { whyFacts } from "rgrid/client/executions"
import { why as answerOf } from "rgrid/domain/Why"
import { toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import { explanation, told } from "../output/why.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

export const why = Command.make("why", { id: flags.id, json: flags.json }, ({ id, json }) =>
  Effect.gen(function*() {
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
      { command: "rgrid why ID --json", description: "The facts, for programs" }
    ])
  )
