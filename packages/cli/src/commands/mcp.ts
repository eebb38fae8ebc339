import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Profile } from "../profile.ts"

export const mcp = Command.make("mcp", {}, () =>
  Effect.gen(function*() {
    const { serve } = yield* Effect.promise(() => import("@rgrid/cli/mcp"))
    yield* serve(Option.getOrUndefined(yield* Profile))
  })).pipe(
    Command.withDescription(
      "Serve the Model Context Protocol over stdin and stdout: an assistant that starts this runs scripts on the grid, " +
        "reads their logs and what they made. Scripts and files are those of the directory it is started in."
    ),
    Command.withShortDescription("Let an assistant run scripts (MCP over stdio)"),
    Command.withExamples([
      { command: "claude mcp add rgrid -- rgrid mcp", description: "Tell one assistant of it; docs/mcp.md has others" },
      { command: "rgrid --profile work mcp", description: "On another grid than this machine's" }
    ])
  )
