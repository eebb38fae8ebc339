import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as stdio from "../output/stdio.ts"
import * as flags from "./flags.ts"

const sandbox = Flag.Literals("sandbox", ["auto", "docker", "process"]).pipe(
  Flag.withDescription("Where scripts run; auto: in containers when Docker answers, else as plain processes"),
  Flag.withDefault("auto")
)

export const up = Command.make("up", { sandbox, json: flags.json }, ({ json, sandbox: asked }) =>
  Effect.gen(function*() {
    const { start } = yield* Effect.promise(() => import("../grid/start.ts"))
    const { caveat } = yield* Effect.promise(() => import("../grid/sandbox.ts"))
    const { fresh, grid, sandbox } = yield* start({ sandbox: asked, progress: stdio.mention })
    const warning = caveat(sandbox)
    if (warning !== null) yield* stdio.say(warning)
    const otherwise = !fresh && asked !== "auto" && asked !== sandbox.kind
    if (otherwise) yield* stdio.say(`It was up already. To change that: rgrid down, then rgrid up --sandbox ${asked}`)
    // The key stays in its file: what is printed ends up in logs.
    if (json) return yield* stdio.json({ url: grid.url, sandbox: sandbox.kind, started: fresh })
    yield* stdio.say(`The grid of this machine is up at ${grid.url}`)
  })).pipe(
    Command.withDescription("Start the grid of this machine; every command that needs it does so too"),
    Command.withExamples([
      { command: "rgrid up", description: "Start it, or tell where it is" },
      { command: "rgrid up --sandbox process", description: "Without containers: no isolation" }
    ])
  )
