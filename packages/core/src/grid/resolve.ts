/** The execution that somebody means who types the beginning of its id. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type AccountId, BatchId, batchPrefix, ExecutionId, executionPrefix } from "../domain/Id.ts"
import { nearest } from "../domain/nearest.ts"
import { BatchStore, UnknownBatch } from "../ports/BatchStore.ts"
import { ExecutionStore } from "../ports/ExecutionStore.ts"

export class AmbiguousId extends Schema.TaggedError<AmbiguousId>()("AmbiguousId", {
  id: Schema.String,
  matches: Schema.Array(Schema.Union([ExecutionId, BatchId]))
}) {}

/** No execution of the account begins so. `nearest`: a recent one whose id is hardly different. */
export class NoSuchExecution extends Schema.TaggedError<NoSuchExecution>()("NoSuchExecution", {
  id: Schema.String,
  nearest: Schema.NullOr(ExecutionId)
}) {}

const isWhole = Schema.is(ExecutionId)

/** Ids made in the same hour share their first letters: what is shorter than this resembles them all. */
const telling = "exec_".length + 16

const recent = 200
const shown = 5

/** A recent id that differs by three letters at most from what was typed. */
const resembling = Effect.fnUntraced(function*(account: AccountId, prefix: string | null) {
  if (prefix === null || prefix.length < telling) return null
  const ids = yield* ExecutionStore.use((store) => store.matching(account, "exec_", recent))
  const meant = nearest(prefix, ids.map((id) => id.slice(0, prefix.length)), 3)
  return meant === null ? null : ids.find((id) => id.startsWith(meant)) ?? null
})

export const unknown = Effect.fnUntraced(function*(account: AccountId, typed: string) {
  return yield* new NoSuchExecution({ id: typed, nearest: yield* resembling(account, executionPrefix(typed)) })
})

/** A whole id is taken at its word: whether it exists is found out by whoever uses it. */
export const resolve = Effect.fn("grid.resolve")(function*(account: AccountId, typed: string) {
  const prefix = executionPrefix(typed)
  if (isWhole(prefix)) return prefix
  if (prefix === null) return yield* unknown(account, typed)
  const matches = yield* ExecutionStore.use((store) => store.matching(account, prefix, shown))
  if (matches.length > 1) return yield* new AmbiguousId({ id: typed, matches })
  return matches[0] ?? (yield* unknown(account, typed))
})

const isWholeBatch = Schema.is(BatchId)

export const resolveBatch = Effect.fn("grid.resolveBatch")(function*(account: AccountId, typed: string) {
  const prefix = batchPrefix(typed)
  if (isWholeBatch(prefix)) return prefix
  if (prefix === null) return yield* new UnknownBatch({ id: typed })
  const matches = yield* BatchStore.use((store) => store.matching(account, prefix, shown))
  if (matches.length > 1) return yield* new AmbiguousId({ id: typed, matches })
  return matches[0] ?? (yield* new UnknownBatch({ id: typed }))
})
