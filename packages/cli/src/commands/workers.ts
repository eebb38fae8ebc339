import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Worker } from "rgrid/api/Account"
import { GridClient } from "rgrid/client/GridClient"
import * as stdio from "../output/stdio.ts"
import { summary } from "../output/workers.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const toJson = Schema.encodeSync(Worker)

export const workers = Command.make("workers", { json: flags.json }, ({ json }) =>
  Effect.gen(function*() {
    const { api, ask } = yield* GridClient
    const found = yield* ask(api.account.workers())
    if (json) return yield* stdio.json(found.map((worker) => toJson(worker)))
    if (found.length === 0) return yield* stdio.say("No workers are connected. Start one: rgrid runner")
    yield* stdio.stdout(summary(found, yield* Clock.currentTimeMillis))
  }).pipe(onGrid)).pipe(
    Command.withDescription("List the workers of the grid: how busy they are, and what isolates scripts there"),
    Command.withShortDescription("List the workers of the grid"),
    Command.withExamples([
      { command: "rgrid workers", description: "How many, how busy, and what they can't enforce" },
      { command: "rgrid workers --json", description: "With every control, for programs" }
    ])
  )
