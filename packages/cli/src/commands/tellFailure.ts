/** What is said of an execution that failed. Most do not: it is loaded only then. */
import * as Effect from "effect/Effect"
import type { Failure } from "rgrid/domain/Failure"
import { isItsOwn, ofFailure } from "../output/failures.ts"
import { seenFromHere } from "../output/fromHere.ts"
import { render } from "../output/render.ts"
import * as stdio from "../output/stdio.ts"

export const tellFailure = Effect.fnUntraced(function*(id: string, failure: Failure, cwd: string) {
  // A script's own end is told by its exit code and its own words, unless somebody looks who wants more.
  const tell = isItsOwn(failure) ? stdio.mention : stdio.say
  yield* tell(render(`Execution failed: ${id}`, ofFailure(yield* seenFromHere(failure, cwd)), `rgrid logs ${id}`))
})
