import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Execution } from "../domain/Execution.ts"
import type { AccountId, ExecutionId } from "../domain/Id.ts"
import { partsOf } from "../domain/JobSpec.ts"
import { nearest } from "../domain/nearest.ts"
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

/** The script made no file at this path. */
export class NoSuchOutput extends Schema.TaggedError<NoSuchOutput>()("NoSuchOutput", {
  path: Schema.String,
  nearest: Schema.NullOr(Schema.String)
}) {}

/** One file of the attempt that counted, whole: its size and its bytes. */
export const outputFile = Effect.fn("grid.outputFile")(function*(account: AccountId, id: ExecutionId, path: string) {
  const store = yield* ExecutionStore
  const execution = yield* store.find(account, id)
  const { outputs } = yield* store.manifest(account, id)
  const content = outputs.find((output) => output.path === path)?.content
  if (content === undefined) {
    const files = outputs.flatMap((output) => output.content === undefined ? [] : [output.path])
    return yield* new NoSuchOutput({ path, nearest: nearest(path, files, 3) })
  }
  const objects = yield* ObjectStore
  const attempt = { execution: id, fence: execution.attempt }
  const bytes = Stream.fromIterable(content.parts).pipe(Stream.flatMap((part) => objects.get(outputKey(attempt, part))))
  return { size: content.size, bytes }
})
