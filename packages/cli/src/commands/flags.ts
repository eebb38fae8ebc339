/** Flags and arguments that commands share. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON on stdout"), Flag.withDefault(false))

export const id = Argument.String("id").pipe(Argument.withDescription("The execution, exec_…"))
