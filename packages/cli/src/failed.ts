/** How a command that did not go well ends: with words, never a stack trace, and the exit code. Loaded only then. */
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Effect from "effect/Effect"
import { SyntaxRejected } from "rgrid/client/errors"
import { Exit } from "./exit.ts"
import { misspelt } from "./output/misspelt.ts"
import { defect, explain, type Explained, isCommandError } from "./output/sentences.ts"
import { render } from "./output/render.ts"
import * as stdio from "./output/stdio.ts"

const tell = (explained: Explained, json: boolean) =>
  Effect.ignore(json ? stdio.json({ error: explained }) : Effect.void).pipe(
    Effect.andThen(stdio.say(render(explained.what, explained))),
    Effect.andThen(Effect.fail(new Exit({ code: explained.exitCode })))
  )

/** A script its interpreter can't read ends here as it would end there: with the interpreter's words and exit code. */
const tellRejected = (error: SyntaxRejected, json: boolean) =>
  Effect.ignore(json ? stdio.json({ error: { ...explain(error), exitCode: error.exitCode } }) : Effect.void).pipe(
    Effect.andThen(Effect.ignore(stdio.stderr(error.text))),
    Effect.andThen(Effect.fail(new Exit({ code: error.exitCode })))
  )

export const endWith = (cause: Cause.Cause<unknown>, json: boolean): Effect.Effect<void, Exit> => {
  const error = Cause.squash(cause)
  if (CliError.isCliError(error)) {
    // Help that was not asked for by name, as by `rgrid` alone, has been shown.
    return error._tag === "ShowHelp" && error.errors.length === 0 ? Effect.void : tell(misspelt(error), json)
  }
  if (error instanceof SyntaxRejected) return tellRejected(error, json)
  return tell(isCommandError(error) ? explain(error) : defect(error), json)
}
