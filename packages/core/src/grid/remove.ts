import * as Effect from "effect/Effect"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { isFinal } from "../domain/ExecutionState.ts"
import { partsOf } from "../domain/JobSpec.ts"
import { spoolOf } from "./stdin.ts"
import { ExecutionStore, NotEnded } from "../ports/ExecutionStore.ts"
import { LogStore } from "../ports/LogStore.ts"
import { inputKey, ObjectStore, outputKey } from "../ports/ObjectStore.ts"

/**
 * Forgets an execution that has ended, with its outputs and logs. The row goes last: whoever was interrupted asks again
 * and the rest follows.
 */
export const remove = Effect.fn("grid.remove")(function*(account: AccountId, id: ExecutionId) {
  const store = yield* ExecutionStore
  const objects = yield* ObjectStore
  const logs = yield* LogStore
  const { attempt, state } = yield* store.find(account, id)
  if (!isFinal(state)) return yield* new NotEnded({ id })
  const { outputs } = yield* store.manifest(account, id)
  const made = partsOf(outputs.flatMap(({ content }) => (content === undefined ? [] : [content])))
  const keys = [...made.keys()].map((part) => outputKey({ execution: id, fence: attempt }, part))
  const each = { concurrency: 8, discard: true } as const
  yield* Effect.forEach(keys, (key) => objects.remove(key), each)
  const fences = Array.from({ length: attempt }, (_, index) => index + 1)
  yield* Effect.forEach(fences, (fence) => logs.remove({ execution: id, fence }), each)
  yield* store.remove(account, id, (parts) =>
    // While nobody can be copying it for a retry.
    Effect.andThen(logs.remove(spoolOf(id)), Effect.forEach(parts, (part) => objects.remove(inputKey(account, part)), each)))
})
