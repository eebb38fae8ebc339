/** Flags and arguments that commands share. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { isBatch } from "rgrid/client/batch/batches"
import { BadInput } from "../input.ts"

export const described = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

export const repeated = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.atLeast(0))

export const boolean = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON on stdout"), Flag.withDefault(false))

/** One or more. */
export const ids = Argument.String("id").pipe(
  Argument.withDescription("Executions or batches, each by its id or the beginning of it"),
  Argument.variadic({ min: 1 })
)

export const id = Argument.String("id").pipe(Argument.withDescription("The execution, exec_…, or the beginning of its id"))

/** Of an execution or a batch. */
export const anyId = Argument.String("id").pipe(
  Argument.withDescription("The execution or batch: its id, or the beginning of it")
)

/** `what`: what only an execution has. */
export const noBatch = (id: string, what: string) =>
  isBatch(id)
    ? Effect.fail(new BadInput({ what: `${id} is a batch: ${what} of its items.`, fix: `Choose one: rgrid list --batch ${id}` }))
    : Effect.void
