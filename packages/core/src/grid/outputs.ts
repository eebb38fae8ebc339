import * as Effect from "effect/Effect"
import type { Execution } from "../domain/Execution.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { partsOf } from "../domain/JobSpec.ts"
import { signedUrl } from "../domain/Timing.ts"
import { ExecutionStore } from "../ports/ExecutionStore.ts"
import { ObjectStore, outputKey } from "../ports/ObjectStore.ts"

/** The manifest of the attempt that counted, and a signed GET for each part of its files. */
export const outputsOf = Effect.fnUntraced(function*(account: AccountId, execution: Pick<Execution, "id" | "attempt">) {
  const store = yield* ExecutionStore
  const objects = yield* ObjectStore
  const manifest = yield* store.manifest(account, execution.id)
  const attempt = { execution: execution.id, fence: execution.attempt }
  const parts = partsOf(manifest.outputs.flatMap(({ content }) => (content === undefined ? [] : [content])))
  const signed = yield* Effect.forEach([...parts.keys()], (part) =>
    objects.presignGet(outputKey(attempt, part), signedUrl).pipe(Effect.map((get) => [part, get] as const)))
  return { manifest, parts: Object.fromEntries(signed) }
})

export const outputs = Effect.fn("grid.outputs")(function*(account: AccountId, id: ExecutionId) {
  return yield* outputsOf(account, yield* ExecutionStore.use((store) => store.find(account, id)))
})
