/** Why members failed, and which of them run again. */
import * as Effect from "effect/Effect"
import { grouped } from "../../domain/causes/grouped.ts"
import { type AccountId, type BatchId, executionIds } from "../../domain/Id.ts"
import type { RetryOverrides } from "../../domain/Retry.ts"
import { BatchNotRepeatable, BatchStore } from "../../ports/BatchStore.ts"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"

/** Failed members by cause, the most frequent first; what was canceled, or never had its turn, has none. */
const groups = (account: AccountId, id: BatchId) =>
  BatchStore.use((store) => store.failures(account, id)).pipe(
    Effect.map((members) => grouped(members.filter(({ state }) => state !== "canceled")))
  )

/** With the first of each. One that was deleted since is left out. */
export const causes = Effect.fn("grid.causes")(function*(account: AccountId, id: BatchId) {
  const store = yield* ExecutionStore
  const found = yield* Effect.forEach(yield* groups(account, id), ({ fingerprint, members, number }) => {
    const [{ execution, failure }] = members
    return store.find(account, execution).pipe(
      Effect.map((sample) => [{ number, fingerprint, count: members.length, sample, failure }]),
      Effect.catchTag("UnknownExecution", () => Effect.succeed([]))
    )
  })
  return found.flat()
})

export interface BatchRetryWanted {
  /** Of the new batch. */
  readonly id: BatchId
  /** `failed`: what did not complete, canceled or not. */
  readonly only: "failed" | "all"
  readonly fingerprint?: string
  readonly over: RetryOverrides
  readonly idempotencyKey?: string
  /** Milliseconds since 1970. */
  readonly now: number
}

const wantedPositions = Effect.fnUntraced(function*(account: AccountId, of: BatchId, { fingerprint, only }: BatchRetryWanted) {
  const store = yield* BatchStore
  if (fingerprint !== undefined) {
    const found = (yield* groups(account, of)).find((group) => group.fingerprint === fingerprint)
    return (found?.members ?? []).map(({ position }) => position)
  }
  if (only === "failed") return (yield* store.failures(account, of)).map(({ position }) => position)
  const { total } = yield* store.find(account, of)
  return Array.from({ length: total }, (_, index) => index + 1)
})

/** The same items as a new batch. */
export const retryBatch = Effect.fn("grid.retryBatch")(function*(account: AccountId, of: BatchId, wanted: BatchRetryWanted) {
  const store = yield* BatchStore
  const positions = yield* wantedPositions(account, of, wanted)
  if (positions.length === 0) {
    yield* store.find(account, of)
    return yield* new BatchNotRepeatable({ id: of, lacks: "members" })
  }
  const { id, idempotencyKey, now, over } = wanted
  const nextId = executionIds(now)
  const executions = positions.map(() => nextId())
  return yield* store.retry(account, of, {
    id,
    positions,
    executions,
    over,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey })
  })
})
