/** Flags and arguments that commands share. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON on stdout"), Flag.withDefault(false))

/** One or more. */
export const ids = Argument.String("id").pipe(
  Argument.withDescription("The executions, each exec_… or the beginning of its id"),
  Argument.variadic({ min: 1 })
)

export const id = Argument.String("id").pipe(Argument.withDescription("The execution, exec_…, or the beginning of its id"))
