/** The ports to executions and batches in memory: for tests and for a first look. Everything is gone with the process. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { BatchStore } from "../ports/BatchStore.ts"
import { ExecutionStore, type Hint } from "../ports/ExecutionStore.ts"
import { batches } from "./memory/batches.ts"
import { executions } from "./memory/executions.ts"
import { passed } from "./memory/gates.ts"
import type { Memory } from "./memory/Memory.ts"

/** Both over one memory. */
export const make: Effect.Effect<{
  readonly executions: ExecutionStore["Service"]
  readonly batches: BatchStore["Service"]
}> = Effect.gen(function*() {
  const hints = yield* PubSub.sliding<Hint>(1024)
  const memory: Memory = {
    entries: new Map(),
    batches: new Map(),
    passed,
    taken: 0,
    digests: new Map(),
    parts: new Map(),
    tell: (all) => all.forEach((hint) => PubSub.publishUnsafe(hints, hint))
  }
  return { executions: { ...executions(memory), hints: Stream.fromPubSub(hints) }, batches: batches(memory) }
})

export const layer: Layer.Layer<ExecutionStore | BatchStore> = Layer.effectContext(
  Effect.map(make, (stores) => Context.make(ExecutionStore, stores.executions).pipe(Context.add(BatchStore, stores.batches)))
)
