import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"

export const down = Command.make("down", { json: flags.json }, ({ json }) =>
  Effect.gen(function*() {
    const { stop } = yield* Effect.promise(() => import("../grid/stop.ts"))
    const wasUp = yield* stop
    if (json) return yield* stdio.json({ stopped: wasUp })
    yield* stdio.say(
      wasUp ? "The grid of this machine is down. What it stored is kept." : "No grid is up on this machine."
    )
  })).pipe(
    Command.withDescription("Stop the grid of this machine; what it stored is kept"),
    Command.withExamples([{ command: "rgrid down", description: "The next rgrid run starts it again" }])
  )
