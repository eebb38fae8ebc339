/** What the tests of batch stores are made of. */
import type { Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Layer from "effect/Layer"
import type { BatchItem, BatchOptions } from "../../domain/Batch.ts"
import type { Failure } from "../../domain/Failure.ts"
import { type AccountId, batchId, type BatchId } from "../../domain/Id.ts"
import type { JobSpec, Sha256 } from "../../domain/JobSpec.ts"
import { BatchStore, type NumberedItem } from "../../ports/BatchStore.ts"
import { type Claim, ExecutionStore, type Settlement } from "../../ports/ExecutionStore.ts"
import { newClaimant, newId, settlement, spec } from "../executionStore/fixtures.ts"

export interface Options<R, E> {
  readonly layer: Layer.Layer<ExecutionStore | BatchStore | R, E>
  /** Lets the term of every lease and of every upload pass. */
  readonly expire: Effect.Effect<void, never, ExecutionStore | R>
  /** Lets the store's clock go on by this much. */
  readonly pass: (millis: number) => Effect.Effect<void>
  readonly testClock: boolean
}

export type Methods<R> = Vitest.MethodsNonLive<ExecutionStore | BatchStore | R>

export const item = (number: number, over: Partial<BatchItem> = {}): NumberedItem => ({
  execution: newId(),
  label: `item-${number}`,
  name: `item-${number}`,
  args: [`item-${number}`],
  files: [],
  directories: [],
  ...over
})

export const items = (count: number, over: (number: number) => Partial<BatchItem> = () => ({})) =>
  Array.from({ length: count }, (_, index) => item(index + 1, over(index + 1)))

export const withPart = (sha256: Sha256, path = "data.csv"): Partial<BatchItem> => ({
  files: [{ path, mode: 0o644, content: { size: 1, sha256, parts: [sha256] } }]
})

let ticks = Date.now()

export interface Asked {
  readonly job?: Partial<JobSpec>
  readonly options?: Partial<BatchOptions>
  readonly parallel?: number
  readonly key?: string
  readonly limit?: number
}

export const acceptBatch = Effect.fnUntraced(function*(
  account: AccountId,
  members: ReadonlyArray<NumberedItem> | Stream.Stream<NumberedItem>,
  { job, key, limit = 1000, options, parallel = 2 }: Asked = {}
) {
  const store = yield* BatchStore
  const submission = {
    id: batchId(ticks++),
    account,
    job: spec(job),
    options: { failOn: "all", resume: false, parallel, ...options } as const,
    ...(key === undefined ? {} : { idempotencyKey: key })
  }
  return yield* store.accept(submission, Stream.isStream(members) ? members : Stream.fromIterable(members), limit)
})

export const failed = (failure: Failure = { _tag: "ScriptExited", code: 1 }): Partial<Settlement> => ({
  ending: { state: "failed", failure },
  exitCode: 1
})

/** Claims everything there is and ends it so, again and again. Answers the labels in the order of their claims. */
export const runAll = Effect.fnUntraced(function*(how: (claim: Claim, index: number) => Partial<Settlement> = () => ({})) {
  const store = yield* ExecutionStore
  const order: Array<string> = []
  while (true) {
    const claims = yield* store.claim(newClaimant(), 100)
    if (claims.length === 0) return order
    for (const claim of claims) {
      yield* store.started(claim)
      yield* store.settle(claim, settlement(how(claim, order.length)))
      order.push(claim.spec.args[0] ?? "")
    }
  }
})

export const countsOf = (account: AccountId, id: BatchId) =>
  BatchStore.use((store) => store.find(account, id)).pipe(
    Effect.map(({ counts }) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)))
  )
