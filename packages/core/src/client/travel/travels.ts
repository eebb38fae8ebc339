/** Everything that travels with a script: itself, what arguments and patterns name, and what its sources show. */
import * as Effect from "effect/Effect"
import { argued } from "./named.ts"
import { Closure } from "./closure.ts"
import { included } from "./include.ts"
import type { Found } from "./Travelling.ts"

export interface Journey {
  /** Absolute. */
  readonly cwd: string
  readonly script: Found
  readonly args: ReadonlyArray<string>
  /** Paths and patterns that travel whatever the rules for guesses say. */
  readonly include: ReadonlyArray<string>
}

export const travels = Effect.fn("client.travels")(function*({ args, cwd, include, script }: Journey) {
  const closure = new Closure(cwd, script.here)
  closure.name(script)
  const named = [...yield* argued(cwd, args), ...yield* included(cwd, include)]
  for (const { directories, files, system } of named) {
    for (const { here, reason } of system) closure.gathering.leave(here, "system", reason)
    for (const file of files) closure.name(file)
    for (const directory of directories) closure.gathering.addDirectory(directory)
  }
  yield* Effect.promise(() => closure.follow())
  return closure.gathering.result()
})
