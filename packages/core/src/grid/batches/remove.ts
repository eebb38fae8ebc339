import * as Effect from "effect/Effect"
import { partsOf } from "../../domain/JobSpec.ts"
import type { Execution } from "../../domain/Execution.ts"
import type { AccountId, BatchId } from "../../domain/Id.ts"
import { BatchStore } from "../../ports/BatchStore.ts"
import { ExecutionStore, NotEnded } from "../../ports/ExecutionStore.ts"
import { LogStore } from "../../ports/LogStore.ts"
import { inputKey, ObjectStore, outputKey } from "../../ports/ObjectStore.ts"

const each = { concurrency: 8, discard: true } as const

const page = 1000

/** A member that vanished meanwhile has nothing left to remove. */
const removeMade = Effect.fnUntraced(function*(account: AccountId, { attempt, id, outputs: made }: Execution) {
  const objects = yield* ObjectStore
  const logs = yield* LogStore
  const fences = Array.from({ length: attempt }, (_, index) => index + 1)
  yield* Effect.forEach(fences, (fence) => logs.remove({ execution: id, fence }), each)
  if (made.files === 0) return
  const { outputs } = yield* ExecutionStore.use((store) => store.manifest(account, id))
  const parts = partsOf(outputs.flatMap(({ content }) => (content === undefined ? [] : [content])))
  yield* Effect.forEach([...parts.keys()], (part) => objects.remove(outputKey({ execution: id, fence: attempt }, part)), each)
}, Effect.catchTag("UnknownExecution", () => Effect.void))

/** Forgets an ended batch with all that its members made. The rows go last: whoever was interrupted asks again. */
export const removeBatch = Effect.fn("grid.removeBatch")(function*(account: AccountId, id: BatchId) {
  const batches = yield* BatchStore
  const objects = yield* ObjectStore
  if ((yield* batches.find(account, id)).endedAt === null) return yield* new NotEnded({ id })
  for (let after = 0, more = true; more;) {
    const members = yield* batches.members(account, id, { limit: page, after })
    yield* Effect.forEach(members, (member) => removeMade(account, member), each)
    after = members.at(-1)?.batch?.position ?? after
    more = members.length === page
  }
  yield* batches.remove(account, id, ({ parts }) =>
    Effect.forEach(parts, (part) => objects.remove(inputKey(account, part)), each))
})
