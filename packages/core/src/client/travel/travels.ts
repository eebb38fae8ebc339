/** Everything that travels with a script: itself, what arguments and patterns name, and what its sources show. */
import * as Effect from "effect/Effect"
import { argued, type Named } from "./named.ts"
import { Closure } from "./closure.ts"
import { included } from "./include.ts"
import type { StatusOf } from "./lookup.ts"
import type { Found } from "./Travelling.ts"

export interface Journey {
  /** Absolute. */
  readonly cwd: string
  readonly script: Found
  readonly args: ReadonlyArray<string>
  /** Paths and patterns that travel whatever the rules for guesses say. */
  readonly include: ReadonlyArray<string>
}

/** From what is named to all that it needs. */
const gather = Effect.fnUntraced(function*(closure: Closure, named: ReadonlyArray<Named>) {
  for (const { directories, files, system } of named) {
    for (const { here, reason } of system) closure.gathering.leave(here, "system", reason)
    for (const file of files) closure.name(file)
    for (const directory of directories) closure.gathering.addDirectory(directory)
  }
  yield* Effect.promise(() => closure.follow())
  return closure.gathering.result()
})

export const travels = Effect.fn("client.travels")(function*({ args, cwd, include, script }: Journey) {
  const closure = new Closure(cwd, script.here)
  closure.name(script)
  return yield* gather(closure, [...yield* argued(cwd, args), ...yield* included(cwd, include)])
})

/** What travels with other arguments of the same script: what these name, and what that needs. */
export const travelsToo = Effect.fnUntraced(
  function*({ args, cwd, look, script }: Omit<Journey, "include"> & { readonly look: StatusOf }) {
    return yield* gather(new Closure(cwd, script.here), yield* argued(cwd, args, look))
  }
)
