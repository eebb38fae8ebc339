import * as Effect from "effect/Effect"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import type { JobSpec } from "../domain/JobSpec.ts"
import { ExecutionStore, NotRepeatable, type Retry } from "../ports/ExecutionStore.ts"
import { LogStore } from "../ports/LogStore.ts"
import { pageBytes, spoolOf, wholeFrames } from "./stdin.ts"

/**
 * A copy, so that the original may be deleted while the retry still reads. A script that was never sent a byte, by a pipe
 * that stayed open, gets none again; one whose stdin broke off can't be given the rest.
 */
const copyStdin = Effect.fnUntraced(function*(from: ExecutionId, to: ExecutionId) {
  const logs = yield* LogStore
  let offset = 0
  while (true) {
    const frames = wholeFrames(yield* logs.read(spoolOf(from), offset, pageBytes))
    if (frames.length === 0) break
    offset = yield* logs.append(spoolOf(to), offset, frames)
  }
  if (offset > 0 && !(yield* logs.sealed(spoolOf(from)))) return yield* new NotRepeatable({ id: from, lacks: "stdin" })
  yield* logs.seal(spoolOf(to))
}, Effect.catchTags({
  // The copy is nobody else's, and what is copied was taken as whole frames.
  OffsetMismatch: Effect.die,
  MalformedLog: Effect.die
}))

/** The same job as a new execution, queued when this returns: files, environment and stdin are the grid's own copies. */
export const retry = Effect.fn("grid.retry")(function*(account: AccountId, of: ExecutionId, wanted: Retry) {
  const store = yield* ExecutionStore
  const logs = yield* LogStore
  const copied = logs.remove(spoolOf(wanted.id))
  const copy = ({ stdin }: JobSpec) => stdin === "streamed" ? copyStdin(of, wanted.id) : Effect.void
  const execution = yield* store.retry(account, of, wanted, (spec) =>
    Effect.provideService(copy(spec), LogStore, logs)).pipe(Effect.onError(() => Effect.ignore(copied)))
  // The key was used before: what it made then has a copy of its own.
  if (execution.id !== wanted.id) yield* copied
  return execution
})
