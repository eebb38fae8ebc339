import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Asked, Sandbox } from "../grid/sandbox.ts"
import * as input from "../input.ts"
import { withSpinner } from "../output/spinner.ts"
import * as stdio from "../output/stdio.ts"
import { becomeWhole, isSingleFile } from "../singleFile.ts"
import * as flags from "./flags.ts"

const sandbox = Flag.Literals("sandbox", ["auto", "docker", "oci", "process"]).pipe(
  Flag.withDescription("Where scripts run; auto: in containers when Docker answers, else as plain processes"),
  Flag.withDefault("auto")
)

const idle = Flag.String("idle").pipe(
  Flag.withDescription("Without work for this long it stops itself: 30m, 2h, never; default: as last time, else 30m"),
  Flag.optional
)

/** What the person asks for and the grid that is up has not. */
const otherwise = (asked: Asked, sandbox: Sandbox, idleSeconds: number | null, wanted: number | null | undefined) => [
  ...(asked !== "auto" && asked !== sandbox.kind ? [`--sandbox ${asked}`] : []),
  ...(wanted !== undefined && wanted !== idleSeconds ? [`--idle ${input.idleWords(wanted)}`] : [])
]

export const up = Command.make("up", { sandbox, idle, json: flags.json }, ({ idle, json, sandbox: asked }) =>
  isSingleFile() ? becomeWhole : Effect.gen(function*() {
    const wanted = Option.isSome(idle) ? yield* input.idle(idle.value) : undefined
    const { start } = yield* Effect.promise(() => import("../grid/start.ts"))
    const { caveat } = yield* Effect.promise(() => import("../grid/sandbox.ts"))
    const { fresh, grid, idleSeconds, sandbox } = yield* withSpinner((progress) =>
      start({ sandbox: asked, progress, ...(wanted === undefined ? {} : { idleSeconds: wanted }) })
    )
    const warning = caveat(sandbox)
    if (warning !== null) yield* stdio.say(warning)
    const others = fresh ? [] : otherwise(asked, sandbox, idleSeconds, wanted)
    if (others.length > 0) {
      yield* stdio.say(`It was up already. To change that: rgrid down, then rgrid up ${others.join(" ")}`)
    }
    // The key stays in its file: what is printed ends up in logs.
    if (json) return yield* stdio.json({ url: grid.url, sandbox: sandbox.kind, started: fresh, idleSeconds })
    const ending = idleSeconds === null ? "" : `; without work for ${input.idleWords(idleSeconds)} it stops itself`
    yield* stdio.say(`✓ The grid of this machine is up at ${grid.url}${ending}`)
  })).pipe(
    Command.withDescription("Start the grid of this machine; every command that needs it does so too"),
    Command.withExamples([
      { command: "rgrid up", description: "Start it, or tell where it is" },
      { command: "rgrid up --idle never", description: "It stays until rgrid down" },
      { command: "rgrid up --sandbox process", description: "Without containers: no isolation" }
    ])
  )
