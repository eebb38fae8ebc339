/** Leaving an execution to itself. */
import * as Effect from "effect/Effect"
import type { Execution } from "rgrid/domain/Execution"
import { toJson } from "../output/execution.ts"
import * as stdio from "../output/stdio.ts"
import { leftWords, startedWords } from "../output/wayBack.ts"

/** The id alone is on stdout, for programs. */
export const detached = Effect.fnUntraced(function*(execution: Execution, json: boolean, did: string) {
  if (json) return yield* stdio.json(toJson(execution))
  yield* stdio.stdout(`${execution.id}\n`)
  yield* stdio.say(startedWords(did, execution.id))
})

export const left = (id: string) => stdio.say(leftWords(id))
