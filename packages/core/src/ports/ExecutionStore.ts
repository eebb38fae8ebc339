/**
 * Executions and their attempts, at rest. Every write that belongs together is one transaction; every time is the
 * store's own clock; every write of an attempt is fenced: a stale fence changes nothing and says so.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Attempt } from "../domain/Attempt.ts"
import type { Execution, OutputManifest } from "../domain/Execution.ts"
import type { Phases } from "../domain/ExecutionEvent.ts"
import type { Ending, State } from "../domain/ExecutionState.ts"
import type { AccountId, BatchId, ExecutionId, Incarnation, RunnerId } from "../domain/Id.ts"
import type { JobSpec, Sha256 } from "../domain/JobSpec.ts"
import type { RetryOverrides } from "../domain/Retry.ts"
import type { WorkerPrice } from "../domain/Money.ts"
import type { WhyFacts } from "../domain/Why.ts"

/** The database can't be reached or refuses. Nothing was changed that the answer would have told. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  detail: Schema.String
}) {
  readonly isRetryable: boolean = true
}

export class UnknownExecution extends Schema.TaggedError<UnknownExecution>()("UnknownExecution", {
  id: Schema.String
}) {}

/** It has not ended: what still writes is not removed beneath it. */
export class NotEnded extends Schema.TaggedError<NotEnded>()("NotEnded", { id: Schema.String }) {}

/** It can't be run again as it was: not all of its files, or not all of its stdin, ever reached the grid. */
export class NotRepeatable extends Schema.TaggedError<NotRepeatable>()("NotRepeatable", {
  id: Schema.String,
  lacks: Schema.Literals(["files", "stdin"])
}) {}

/** The same idempotency key came with another job. */
export class IdempotencyConflict extends Schema.TaggedError<IdempotencyConflict>()("IdempotencyConflict", {
  key: Schema.String
}) {}

/** The attempt is not the one that holds the execution: another does, or it has ended. */
export class StaleAttempt extends Schema.TaggedError<StaleAttempt>()("StaleAttempt", {
  execution: Schema.String,
  fence: Schema.Int
}) {}

export interface Part {
  readonly sha256: Sha256
  /** Bytes. */
  readonly size: number
}

/** Parts at rest, once each. */
export interface Stored {
  readonly parts: number
  readonly bytes: number
  /** What its executions would take beside that if each had stored its own. */
  readonly savedBytes: number
}

export interface Submission {
  readonly id: ExecutionId
  readonly account: AccountId
  readonly spec: JobSpec
  /** Absent: every call is a new execution. */
  readonly idempotencyKey?: string
  /** The execution whose job it is once more. */
  readonly retryOf?: ExecutionId
}

/** A new execution of another's job. */
export interface Retry {
  /** Its own. */
  readonly id: ExecutionId
  readonly over: RetryOverrides
  readonly idempotencyKey?: string
}

export interface Accepted {
  readonly execution: Execution
  /** Parts the account has not stored yet. None: the execution is queued. */
  readonly missing: ReadonlyArray<Part>
}

/** What a claim gives: the job, and the fence that every later write of this attempt carries. */
export interface Claim {
  readonly execution: ExecutionId
  readonly account: AccountId
  readonly fence: number
  readonly spec: JobSpec
  /** The batch it is an item of. */
  readonly batch: BatchId | null
}

export type { Attempt } from "../domain/Attempt.ts"

export interface Claimant {
  readonly runner: RunnerId
  readonly incarnation: Incarnation
  /** What it runs scripts in, for people: `docker`, `process`. */
  readonly sandbox: string
  /** What its slots are charged at. */
  readonly price: WorkerPrice
}

export interface LogLengths {
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** Bytes of the framed log. */
  readonly length: number
  readonly sha256: Sha256
}

/** Everything one settling transaction writes. */
export interface Settlement {
  readonly ending: Ending
  readonly exitCode: number | null
  readonly usage: Execution["usage"]
  readonly manifest: OutputManifest
  readonly log: LogLengths
  /** Where the attempt's time went; absent when its runner did not measure. */
  readonly phases?: Phases
  /** Content address of what the script ran in; absent when nothing ran or its runner can't tell. */
  readonly runtimeDigest?: string
}

/** What the store knows of why an execution is as it is. */
export type Story = Omit<WhyFacts, "workers" | "workerConnected">

/** `duplicate`: this very attempt had settled before; its first settlement stands. */
export type Settled = { readonly execution: Execution; readonly duplicate: boolean }

/** What a runner must do about a renewed attempt. */
export interface Renewal extends Attempt {
  /** False: the lease is gone; stop at once. */
  readonly held: boolean
  readonly cancelRequested: boolean
}

export interface ListFilter {
  /** At most 1,000. */
  readonly limit: number
  /** Only older than this id. */
  readonly before?: ExecutionId
  readonly states?: ReadonlyArray<State>
  readonly script?: string
  /** All of these pairs are in its metadata. */
  readonly metadata?: ReadonlyArray<readonly [key: string, value: string]>
}

/** A stretch of time, milliseconds since 1970; `until` is not part of it. */
export interface Stretch {
  readonly from: number
  readonly until: number
}

/** What the executions that ended in a stretch of time cost, all attempts counted. */
export interface Spent {
  readonly executions: number
  /** Time in slots. */
  readonly microseconds: number
  readonly micros: number
}

/** One ended execution as a line of a bill. */
export interface Charge extends Omit<Spent, "executions"> {
  readonly execution: ExecutionId
  readonly script: string
  readonly state: State
  readonly endedAt: number
}

/** An attempt whose holder went away, and what became of the execution. */
export interface Reclaimed extends Attempt {
  readonly state: State
}

type Fails<A, E = never> = Effect.Effect<A, E | StoreUnavailable>

export class ExecutionStore extends Context.Service<ExecutionStore, {
  /**
   * Makes an execution durable and pins its parts in the same transaction. Idempotent by key: the same key and job
   * answer with the first execution and what is missing by now.
   */
  readonly accept: (submission: Submission) => Fails<Accepted, IdempotencyConflict>
  /** Parts that this account has stored, of those asked for. */
  readonly storedParts: (account: AccountId, parts: ReadonlyArray<Sha256>) => Fails<ReadonlySet<Sha256>>
  /** Records that a part's bytes are in the object store. Idempotent. */
  readonly recordPart: (account: AccountId, part: Part) => Fails<void>
  /** `uploading → queued` once nothing is missing; else answers what is. Idempotent. */
  readonly uploaded: (account: AccountId, id: ExecutionId) => Fails<Accepted, UnknownExecution>
  /** What the account has stored, and what sharing it between executions saves. */
  readonly stored: (account: AccountId) => Fails<Stored>
  readonly find: (account: AccountId, id: ExecutionId) => Fails<Execution, UnknownExecution>
  /** Ids of the account that begin so, newest first; `exec_` begins them all. */
  readonly matching: (account: AccountId, prefix: string, limit: number) => Fails<ReadonlyArray<ExecutionId>>
  /** What the attempt that counted brought back; empty until the execution ends. */
  readonly manifest: (account: AccountId, id: ExecutionId) => Fails<OutputManifest, UnknownExecution>
  /** Newest first. */
  readonly list: (account: AccountId, filter: ListFilter) => Fails<ReadonlyArray<Execution>>
  /** Ends what waits at once; asks for the end of what runs. Idempotent; does nothing to what has ended. */
  readonly cancel: (account: AccountId, id: ExecutionId) => Fails<Execution, UnknownExecution>

  /** Everything that happened to it, and what it waits for. */
  readonly story: (account: AccountId, id: ExecutionId) => Fails<Story, UnknownExecution>
  /** What ended in each of these stretches cost; one answer for each, in their order. */
  readonly costs: (account: AccountId, stretches: ReadonlyArray<Stretch>) => Fails<ReadonlyArray<Spent>>
  /** The same, one by one: newest ids first, at most `limit`, only older than `before`. */
  readonly charges: (
    account: AccountId,
    stretch: Stretch,
    page: { readonly limit: number; readonly before?: ExecutionId }
  ) => Fails<ReadonlyArray<Charge>>
  /**
   * Forgets an execution that has ended, its pins, and those parts of it that no execution of the account pins any more.
   * These are handed to `discard` while nobody can pin them anew; when that fails, nothing is forgotten.
   */
  readonly remove: <E>(
    account: AccountId,
    id: ExecutionId,
    discard: (parts: ReadonlyArray<Sha256>) => Effect.Effect<void, E>
  ) => Fails<void, UnknownExecution | NotEnded | E>

  /**
   * Accepts the job of an execution that has ended once more, as a new one. `copy` is run before, while the original can't
   * be removed.
   */
  readonly retry: <E>(
    account: AccountId,
    of: ExecutionId,
    retry: Retry,
    copy: (spec: JobSpec) => Effect.Effect<void, E>
  ) => Fails<Execution, UnknownExecution | NotEnded | NotRepeatable | IdempotencyConflict | E>

  /**
   * Leases up to `count` queued executions to one runner. Batches, and accounts with what they started alone, take turns;
   * within each the oldest comes first. Never waits for a row somebody else locks.
   */
  readonly claim: (claimant: Claimant, count: number) => Fails<ReadonlyArray<Claim>>
  /** What was claimed, for an attempt that still holds its execution. */
  readonly claimed: (attempt: Attempt) => Fails<Claim, StaleAttempt>
  /** Whether an attempt still holds its execution. */
  readonly holds: (attempt: Attempt) => Fails<boolean>
  /** Renews the leases that this incarnation still holds. One answer for each asked. */
  readonly renew: (incarnation: Incarnation, attempts: ReadonlyArray<Attempt>) => Fails<ReadonlyArray<Renewal>>
  /** `leased → running`. Idempotent. What settles without it has run since it was claimed. */
  readonly started: (attempt: Attempt) => Fails<void, StaleAttempt>
  /** The settling transaction. Idempotent by attempt. */
  readonly settle: (attempt: Attempt, settlement: Settlement) => Fails<Settled, StaleAttempt>
  /** The attempt is lost by its runner's own word (sandbox died, disk full): retried while retries last. */
  readonly lose: (attempt: Attempt, detail: string) => Fails<State, StaleAttempt>

  /** Ends or requeues everything whose deadline has passed: leases and uploads. */
  readonly sweep: Fails<ReadonlyArray<Reclaimed>>
  /** Takes back what earlier incarnations of this runner held: it has started anew and killed what they ran. */
  readonly reclaim: (runner: RunnerId, incarnation: Incarnation) => Fails<ReadonlyArray<Reclaimed>>
  /** Grants every lease one more term: after an outage of the grid itself, for which no attempt is to blame. */
  readonly extendLeases: Fails<void>
  /**
   * Executions queued, canceled or ended since the stream began, by any server on the same store. A hint, never the
   * truth: some may be missing, so readers look again when it begins and every few seconds.
   */
  readonly hints: Stream.Stream<Hint, StoreUnavailable>
  /** Whether anything is queued or with a runner, whosever it is. */
  readonly busy: Fails<boolean>
  /** Fails when the store does not answer. */
  readonly ping: Fails<void>
  /** Newest migration applied, for `/health`. */
  readonly version: Fails<number>
}>()("rgrid/ports/ExecutionStore") {}

export type Hint =
  | { readonly _tag: "Queued" }
  | { readonly _tag: "CancelRequested"; readonly execution: ExecutionId; readonly runner: RunnerId | null }
  | { readonly _tag: "Changed"; readonly execution: ExecutionId }
  | { readonly _tag: "BatchChanged"; readonly batch: BatchId }

