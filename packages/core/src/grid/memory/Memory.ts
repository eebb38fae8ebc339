/** What the stores in memory hold, and the one way its executions change. Times in milliseconds. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Batch, BatchOptions, Membership } from "../../domain/Batch.ts"
import { emptyManifest, type Execution } from "../../domain/Execution.ts"
import { type Event, isFinal, isPlaced, type Life, type Refusal, transition } from "../../domain/ExecutionState.ts"
import type { AccountId, BatchId, ExecutionId } from "../../domain/Id.ts"
import { contentsOf, type JobSpec, partsOf } from "../../domain/JobSpec.ts"
import {
  type Claim,
  type Claimant,
  type Hint,
  type Part,
  type Settlement,
  type Submission,
  UnknownExecution
} from "../../ports/ExecutionStore.ts"
import { environmentNames, outputTotals } from "../canonical.ts"
import type { Chronicle } from "./Chronicle.ts"
import type { Meter } from "./Meter.ts"

/** One execution. Times in milliseconds. */
export interface Entry {
  readonly submission: Submission
  readonly createdAt: number
  life: Life
  claimedAt: number | null
  startedAt: number | null
  endedAt: number | null
  /** While placed: the lease's end. While uploading: the upload's. */
  deadline: number
  holder: Claimant | null
  settled: { readonly fence: number; readonly settlement: Settlement } | null
  readonly meter: Meter
  readonly chronicle: Chronicle
  /** Whose turn it is: as the Postgres store has it. */
  turn: number
  readonly member: Member | null
}

/** A place in a batch. */
export interface Member extends Membership {
  /** Which end of the batch this was; null before. */
  finished: number | null
  readonly itemKey: string
  readonly contentKey: string
  readonly content: Readonly<Record<string, string>>
}

export interface BatchEntry {
  readonly id: BatchId
  readonly account: AccountId
  readonly retryOf: BatchId | null
  readonly idempotencyKey: string | undefined
  readonly request: string
  readonly job: JobSpec
  readonly options: BatchOptions & { readonly parallel: number }
  readonly createdAt: number
  skipped: number
  finished: number
  halted: Batch["halted"]
  endedAt: number | null
  timeLimitSeconds: number | null
}

export interface Memory {
  readonly entries: Map<ExecutionId, Entry>
  readonly batches: Map<BatchId, BatchEntry>
  /** A member moved: its batch's gate. */
  readonly passed: (memory: Memory, entry: Entry, before: Life, now: number) => void
  /** The newest turn that was taken. */
  taken: number
  /** What runtimes' names stood for last, by account and name. */
  readonly digests: Map<string, string>
  /** Sizes of parts, by account and hash. */
  readonly parts: Map<string, number>
  readonly tell: (hints: ReadonlyArray<Hint>) => void
}

export const partKey = (account: AccountId, sha256: string): string => `${account}/${sha256}`

export const instant = (millis: number | null) => (millis === null ? null : DateTime.makeUnsafe(millis))

const membershipOf = (member: Member | null): Membership | null =>
  member === null ? null : { id: member.id, position: member.position, label: member.label, name: member.name }

export const executionOf = ({ createdAt, endedAt, holder, life, member, meter, settled, startedAt, submission }: Entry): Execution => ({
  id: submission.id,
  state: life.state,
  retryOf: submission.retryOf ?? null,
  batch: membershipOf(member),
  attempt: life.fence,
  script: submission.spec.script,
  args: submission.spec.args,
  runtime: submission.spec.runtime,
  cwd: submission.spec.cwd,
  resources: submission.spec.resources,
  timeoutSeconds: submission.spec.timeoutSeconds ?? null,
  metadata: submission.spec.metadata,
  env: environmentNames(submission.spec),
  cancelRequested: life.cancelRequested,
  createdAt: DateTime.makeUnsafe(createdAt),
  startedAt: instant(startedAt),
  endedAt: instant(endedAt),
  exitCode: settled?.settlement.exitCode ?? null,
  failure: life.failure,
  runner: holder?.runner ?? null,
  sandbox: holder?.sandbox ?? null,
  outputs: outputTotals(settled?.settlement.manifest ?? emptyManifest),
  log: {
    stdoutBytes: settled?.settlement.log.stdoutBytes ?? 0,
    stderrBytes: settled?.settlement.log.stderrBytes ?? 0
  },
  usage: settled?.settlement.usage ?? null,
  cost: meter.cost
})

const limited = (spec: JobSpec, seconds: number | null | undefined): JobSpec =>
  seconds === null || seconds === undefined
    ? spec
    : { ...spec, timeoutSeconds: Math.min(spec.timeoutSeconds ?? Infinity, seconds) }

export const claimOf = (memory: Memory, { life, member, submission }: Entry): Claim => ({
  execution: submission.id,
  account: submission.account,
  fence: life.fence,
  batch: member?.id ?? null,
  spec: limited(submission.spec, member === null ? null : memory.batches.get(member.id)?.timeLimitSeconds)
})

const hintsOf = (event: Event, { holder, life, submission }: Entry): ReadonlyArray<Hint> => {
  const execution = submission.id
  if (life.state === "queued") return [{ _tag: "Queued" }, { _tag: "Changed", execution }]
  if (event._tag === "CancelRequested" && isPlaced(life.state)) {
    return [{ _tag: "CancelRequested", execution, runner: holder?.runner ?? null }]
  }
  return [{ _tag: "Changed", execution }]
}

/** Applies an event to an entry, with what the new state means for the rest of it. */
export const move = (memory: Memory, entry: Entry, event: Event, now: number): Result.Result<Life, Refusal> =>
  Result.map(transition(entry.life, event), (life) => {
    const before = entry.life
    entry.life = life
    if (isPlaced(before.state) && !isPlaced(life.state)) entry.meter.end(now)
    if (isFinal(life.state)) entry.endedAt = now
    if (life.state === "leased") entry.claimedAt = now
    if (life.state === "running") entry.startedAt ??= now
    if (event._tag === "Settled") entry.startedAt ??= entry.claimedAt
    if (life.state === "queued") Object.assign(entry, { holder: null, startedAt: null })
    const idle = before.state === life.state && before.cancelRequested === life.cancelRequested
    if (!idle && event._tag !== "Claimed") {
      entry.chronicle.add(event, entry, now)
      memory.tell(hintsOf(event, entry))
    }
    if (entry.member !== null) memory.passed(memory, entry, before, now)
    return life
  })

export const missingOf = (memory: Memory, account: AccountId, parts: Iterable<readonly [Part["sha256"], number]>) =>
  Array.from(parts, ([sha256, size]): Part => ({ sha256, size }))
    .filter(({ sha256 }) => !memory.parts.has(partKey(account, sha256)))

export const missingIn = (memory: Memory, { life, submission: { account, spec } }: Entry) =>
  life.state === "uploading" ? missingOf(memory, account, partsOf(contentsOf(spec))) : []

/** Another account's execution is as unknown as one that never was. */
export const owned = (memory: Memory, account: AccountId, id: ExecutionId): Effect.Effect<Entry, UnknownExecution> => {
  const entry = memory.entries.get(id)
  return entry?.submission.account === account ? Effect.succeed(entry) : Effect.fail(new UnknownExecution({ id }))
}
