/**
 * Batches at rest. A batch is a row that its members pass: it counts how many of them are queued or with a runner and lets
 * no more than `parallel` be. Whoever ends one lets the next one in, in the same transaction, so that a claim never sees
 * what it may not take. Over the same rows, clock and transactions as `ExecutionStore`.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Batch, BatchItem, BatchOptions, Resumption } from "../domain/Batch.ts"
import type { Execution } from "../domain/Execution.ts"
import type { State } from "../domain/ExecutionState.ts"
import type { Failure } from "../domain/Failure.ts"
import type { AccountId, BatchId, ExecutionId } from "../domain/Id.ts"
import type { JobSpec, Sha256 } from "../domain/JobSpec.ts"
import type { RetryOverrides } from "../domain/Retry.ts"
import type { IdempotencyConflict, NotEnded, Part, StoreUnavailable } from "./ExecutionStore.ts"

export class UnknownBatch extends Schema.TaggedError<UnknownBatch>()("UnknownBatch", { id: Schema.String }) {}

/** Not all of its members' files ever reached the grid, or no member is as asked. */
export class BatchNotRepeatable extends Schema.TaggedError<BatchNotRepeatable>()("BatchNotRepeatable", {
  id: Schema.String,
  lacks: Schema.Literals(["files", "members"])
}) {}

export interface BatchSubmission {
  readonly id: BatchId
  readonly account: AccountId
  /** What all items share; `args` as they were typed. */
  readonly job: JobSpec
  readonly options: BatchOptions & { readonly parallel: number }
  /** The batch whose items these are once more. */
  readonly retryOf?: BatchId
  /** Absent: every call is a new batch. */
  readonly idempotencyKey?: string
}

export interface NumberedItem extends BatchItem {
  readonly execution: ExecutionId
}

export interface BatchAccepted {
  readonly batch: Batch
  /** At most `limit` parts that the account has not stored, first those that all members need. */
  readonly missing: ReadonlyArray<Part>
  /** With `resume`, when this call made the batch. */
  readonly resumption?: Resumption
}

/** A new batch of another's items. */
export interface RetryBatch {
  readonly id: BatchId
  /** Positions of the members that run once more. */
  readonly positions: ReadonlyArray<number>
  /** Their new ids, as many. */
  readonly executions: ReadonlyArray<ExecutionId>
  readonly over: RetryOverrides
  readonly idempotencyKey?: string
}

/** A member that did not complete. */
export interface FailedMember {
  readonly execution: ExecutionId
  readonly position: number
  readonly state: State
  readonly failure: Failure
}

/** An ended member, and which end of its batch it was, from 1. */
export interface Finished {
  readonly number: number
  readonly execution: Execution
}

export interface MemberFilter {
  /** At most 1,000. */
  readonly limit: number
  /** Only behind this position. */
  readonly after?: number
  readonly states?: ReadonlyArray<State>
}

type Fails<A, E = never> = Effect.Effect<A, E | StoreUnavailable>

export class BatchStore extends Context.Service<BatchStore, {
  /**
   * Makes a batch and its members durable, all or nothing, and pins their parts. Members that miss nothing are queued as
   * far as `parallel` goes and held beyond. Items are read once. Idempotent by key.
   */
  readonly accept: <E>(
    submission: BatchSubmission,
    items: Stream.Stream<NumberedItem, E>,
    limit: number
  ) => Fails<BatchAccepted, IdempotencyConflict | E>
  /** Queues or holds the members that miss nothing by now. Idempotent. */
  readonly uploaded: (account: AccountId, id: BatchId, limit: number) => Fails<BatchAccepted, UnknownBatch>
  readonly find: (account: AccountId, id: BatchId) => Fails<Batch, UnknownBatch>
  /** Ids that begin so, newest first. */
  readonly matching: (account: AccountId, prefix: string, limit: number) => Fails<ReadonlyArray<BatchId>>
  /** Newest first. */
  readonly list: (
    account: AccountId,
    page: { readonly limit: number; readonly before?: BatchId }
  ) => Fails<ReadonlyArray<Batch>>
  /** By position. */
  readonly members: (
    account: AccountId,
    id: BatchId,
    filter: MemberFilter
  ) => Fails<ReadonlyArray<Execution>, UnknownBatch>
  /** Those that ended, in the order of their ends, each with its number in it: what once is told stays where it is. */
  readonly finished: (
    account: AccountId,
    id: BatchId,
    after: number,
    limit: number
  ) => Fails<ReadonlyArray<Finished>, UnknownBatch>
  /** All that ended and did not complete, by position. */
  readonly failures: (account: AccountId, id: BatchId) => Fails<ReadonlyArray<FailedMember>, UnknownBatch>
  /** Ends what waits at once; asks for the end of what runs. Idempotent. */
  readonly cancel: (account: AccountId, id: BatchId) => Fails<Batch, UnknownBatch>
  /** Members that have ended run once more, as a new batch with the same options. */
  readonly retry: (
    account: AccountId,
    of: BatchId,
    retry: RetryBatch
  ) => Fails<Batch, UnknownBatch | NotEnded | BatchNotRepeatable | IdempotencyConflict>
  /** Forgets an ended batch and its members as `ExecutionStore.remove` does one. Answers the members. */
  readonly remove: <E>(
    account: AccountId,
    id: BatchId,
    discard: (
      gone: { readonly members: ReadonlyArray<ExecutionId>; readonly parts: ReadonlyArray<Sha256> }
    ) => Effect.Effect<void, E>
  ) => Fails<void, UnknownBatch | NotEnded | E>
}>()("rgrid/ports/BatchStore") {}
