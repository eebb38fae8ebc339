/** Flags and arguments that commands share. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"

export const described = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

export const repeated = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.atLeast(0))

export const boolean = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON on stdout"), Flag.withDefault(false))

/** One or more. */
export const ids = Argument.String("id").pipe(
  Argument.withDescription("The executions, each exec_… or the beginning of its id"),
  Argument.variadic({ min: 1 })
)

export const id = Argument.String("id").pipe(Argument.withDescription("The execution, exec_…, or the beginning of its id"))
