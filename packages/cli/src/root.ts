/** The root of the command tree, over all commands or over the one that is given. */
import * as Command from "effect/cli/Command"
import { Profile } from "./profile.ts"

const rgrid = Command.make("rgrid").pipe(
  Command.withDescription("Run any script, unchanged, somewhere else: once or ten thousand times."),
  Command.withExamples([
    { command: "rgrid run process.py input.json", description: "Like `python process.py input.json`, on the grid" },
    { command: "rgrid logs ID --follow", description: "Its output, as it comes" }
  ])
)

export const over = <const Commands extends ReadonlyArray<Command.Command.Any>>(commands: Commands) =>
  rgrid.pipe(
    Command.withSubcommands(commands),
    // Behind them, so that all of them know it.
    Command.withGlobalFlags([Profile])
  )
