/** The port to executions in memory: for tests and for a first look. Everything is gone with the process. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { emptyManifest, type Execution } from "../domain/Execution.ts"
import { type Event, isFinal, isPlaced, type Life, type Refusal, transition } from "../domain/ExecutionState.ts"
import type { AccountId, ExecutionId, Incarnation, RunnerId } from "../domain/Id.ts"
import { contentsOf, type JobSpec, partsOf } from "../domain/JobSpec.ts"
import { repeated } from "../domain/Retry.ts"
import { lease, uploadDeadline } from "../domain/Timing.ts"
import {
  type Attempt,
  type Claim,
  type Claimant,
  ExecutionStore,
  type Hint,
  IdempotencyConflict,
  type ListFilter,
  NotEnded,
  NotRepeatable,
  type Part,
  type Reclaimed,
  type Renewal,
  type Retry,
  type Settlement,
  StaleAttempt,
  type Stored,
  type Submission,
  UnknownExecution
} from "../ports/ExecutionStore.ts"
import { Chronicle, storyOf } from "./memory/Chronicle.ts"
import { charges, costs, Meter } from "./memory/Meter.ts"
import { canonicalJob, environmentNames, outputTotals, partTotals } from "./canonical.ts"

/** One execution. Times in milliseconds. */
interface Entry {
  readonly submission: Submission
  readonly createdAt: number
  life: Life
  startedAt: number | null
  endedAt: number | null
  /** While placed: the lease's end. While uploading: the upload's. */
  deadline: number
  holder: Claimant | null
  settled: { readonly fence: number; readonly settlement: Settlement } | null
  readonly meter: Meter
  readonly chronicle: Chronicle
}

interface Memory {
  readonly entries: Map<ExecutionId, Entry>
  /** Sizes of parts, by account and hash. */
  readonly parts: Map<string, number>
  readonly tell: (hints: ReadonlyArray<Hint>) => void
}

const partKey = (account: AccountId, sha256: string): string => `${account}/${sha256}`

const instant = (millis: number | null) => (millis === null ? null : DateTime.makeUnsafe(millis))

const executionOf = ({ createdAt, endedAt, holder, life, meter, settled, startedAt, submission }: Entry): Execution => ({
  id: submission.id,
  state: life.state,
  retryOf: submission.retryOf ?? null,
  batch: null,
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

const claimOf = ({ life, submission }: Entry): Claim => ({
  execution: submission.id,
  account: submission.account,
  fence: life.fence,
  spec: submission.spec
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
const move = (memory: Memory, entry: Entry, event: Event, now: number): Result.Result<Life, Refusal> =>
  Result.map(transition(entry.life, event), (life) => {
    const before = entry.life
    entry.life = life
    if (isPlaced(before.state) && !isPlaced(life.state)) entry.meter.end(now)
    if (isFinal(life.state)) entry.endedAt = now
    if (life.state === "running") entry.startedAt ??= now
    if (life.state === "queued") Object.assign(entry, { holder: null, startedAt: null })
    const idle = before.state === life.state && before.cancelRequested === life.cancelRequested
    if (!idle && event._tag !== "Claimed") {
      entry.chronicle.add(event, entry, now)
      memory.tell(hintsOf(event, entry))
    }
    return life
  })

const missingOf = (memory: Memory, account: AccountId, parts: Iterable<readonly [Part["sha256"], number]>) =>
  Array.from(parts, ([sha256, size]): Part => ({ sha256, size }))
    .filter(({ sha256 }) => !memory.parts.has(partKey(account, sha256)))

const missingIn = (memory: Memory, { life, submission: { account, spec } }: Entry) =>
  life.state === "uploading" ? missingOf(memory, account, partsOf(contentsOf(spec))) : []

/** The entry and what it lacks; queued once that is nothing. */
const ready = (memory: Memory, entry: Entry, now: number) => {
  const missing = missingIn(memory, entry)
  if (missing.length === 0) move(memory, entry, { _tag: "Uploaded" }, now)
  return { execution: executionOf(entry), missing }
}

const accept = (memory: Memory) => (submission: Submission, now: number) => {
  const { account, idempotencyKey: key, spec } = submission
  const before = key === undefined ? undefined : Array.from(memory.entries.values()).find((entry) =>
    entry.submission.account === account && entry.submission.idempotencyKey === key
  )
  if (before !== undefined) {
    return canonicalJob(before.submission) === canonicalJob(submission)
      ? Effect.succeed(ready(memory, before, now))
      : Effect.fail(new IdempotencyConflict({ key: key ?? "" }))
  }
  const parts = Array.from(partsOf(contentsOf(spec)), ([sha256, size]): Part => ({ sha256, size }))
  const missing = submission.anew === true ? parts : missingOf(memory, account, partsOf(contentsOf(spec)))
  const state = missing.length === 0 ? "queued" : "uploading"
  const entry: Entry = {
    submission,
    createdAt: now,
    life: { state, fence: 0, lost: 0, retries: spec.retries, cancelRequested: false, failure: null },
    startedAt: null,
    endedAt: null,
    deadline: now + Duration.toMillis(uploadDeadline),
    holder: null,
    settled: null,
    meter: new Meter(),
    chronicle: new Chronicle()
  }
  entry.chronicle.add({ _tag: "Accepted" }, entry, now)
  memory.entries.set(submission.id, entry)
  if (state === "queued") memory.tell([{ _tag: "Queued" }, { _tag: "Changed", execution: submission.id }])
  return Effect.succeed({ execution: executionOf(entry), missing })
}

const stored = (memory: Memory, account: AccountId): Stored => {
  const sizes = [...memory.parts].filter(([key]) => key.startsWith(`${account}/`))
  const total = (numbers: ReadonlyArray<number>): number => numbers.reduce((sum, number) => sum + number, 0)
  const pins = [...memory.entries.values()].filter(({ submission }) => submission.account === account)
    .flatMap(({ submission }) => [...partsOf(contentsOf(submission.spec)).keys()].map((part) => partKey(account, part)))
  const others = sizes.map(([key, size]) => size * Math.max(0, pins.filter((pin) => pin === key).length - 1))
  return { parts: sizes.length, bytes: total(sizes.map(([, size]) => size)), savedBytes: total(others) }
}

/** Another account's execution is as unknown as one that never was. */
const owned = (memory: Memory, account: AccountId, id: ExecutionId): Effect.Effect<Entry, UnknownExecution> => {
  const entry = memory.entries.get(id)
  return entry?.submission.account === account ? Effect.succeed(entry) : Effect.fail(new UnknownExecution({ id }))
}

const remove = Effect.fnUntraced(function*<E>(
  memory: Memory,
  account: AccountId,
  id: ExecutionId,
  discard: (parts: ReadonlyArray<Part["sha256"]>) => Effect.Effect<void, E>
) {
  const { life, submission } = yield* owned(memory, account, id)
  if (!isFinal(life.state)) return yield* new NotEnded({ id })
  const others = Array.from(memory.entries.values())
    .filter((entry) => entry.submission.account === account && entry.submission.id !== id)
  const pinned = new Set(others.flatMap((entry) => [...partsOf(contentsOf(entry.submission.spec)).keys()]))
  const free = [...partsOf(contentsOf(submission.spec)).keys()]
    .filter((part) => !pinned.has(part) && memory.parts.has(partKey(account, part)))
  yield* discard(free)
  for (const part of free) memory.parts.delete(partKey(account, part))
  memory.entries.delete(id)
})

const retry = Effect.fnUntraced(function*<E>(
  memory: Memory,
  account: AccountId,
  of: ExecutionId,
  { over, ...wanted }: Retry,
  copy: (spec: JobSpec) => Effect.Effect<void, E>
) {
  const { life, submission } = yield* owned(memory, account, of)
  if (!isFinal(life.state)) return yield* new NotEnded({ id: of })
  const { spec } = submission
  if (missingOf(memory, account, partsOf(contentsOf(spec))).length > 0) {
    return yield* new NotRepeatable({ id: of, lacks: "files" })
  }
  yield* copy(spec)
  const now = yield* Clock.currentTimeMillis
  const { execution } = yield* accept(memory)({ ...wanted, account, spec: repeated(spec, over), retryOf: of }, now)
  return execution
})

const list = (memory: Memory, account: AccountId, { before, limit, metadata = [], script, states }: ListFilter) =>
  Array.from(memory.entries.values())
    .filter(({ life, submission }) =>
      submission.account === account &&
      (before === undefined || submission.id < before) &&
      (states === undefined || states.includes(life.state)) &&
      (script === undefined || submission.spec.script === script) &&
      metadata.every(([key, value]) => submission.spec.metadata[key] === value)
    )
    .sort((a, b) => (a.submission.id < b.submission.id ? 1 : -1))
    .slice(0, Math.min(limit, 1000))
    .map(executionOf)

const claim = (memory: Memory, claimant: Claimant, count: number, now: number) =>
  Array.from(memory.entries.values())
    .filter(({ life }) => life.state === "queued")
    .sort((a, b) => a.createdAt - b.createdAt || (a.submission.id < b.submission.id ? -1 : 1))
    .slice(0, count)
    .map((entry) => {
      move(memory, entry, { _tag: "Claimed" }, now)
      entry.holder = claimant
      entry.meter.begin(claimant.price, now)
      entry.chronicle.add({ _tag: "Claimed" }, entry, now)
      entry.deadline = now + Duration.toMillis(lease)
      return claimOf(entry)
    })

/** The entry that this attempt holds. */
const held = (memory: Memory, attempt: Attempt): Entry | undefined => {
  const entry = memory.entries.get(attempt.execution)
  return entry !== undefined && isPlaced(entry.life.state) && entry.life.fence === attempt.fence ? entry : undefined
}

const stale = (attempt: Attempt) =>
  Effect.fail(new StaleAttempt({ execution: attempt.execution, fence: attempt.fence }))

const renew = (memory: Memory, incarnation: Incarnation, attempt: Attempt, now: number): Renewal => {
  const entry = held(memory, attempt)
  const { execution, fence } = attempt
  if (entry?.holder?.incarnation !== incarnation) return { execution, fence, held: false, cancelRequested: false }
  entry.deadline = now + Duration.toMillis(lease)
  return { execution, fence, held: true, cancelRequested: entry.life.cancelRequested }
}

const settle = (memory: Memory) => (attempt: Attempt, settlement: Settlement, now: number) => {
  const entry = memory.entries.get(attempt.execution)
  if (entry === undefined) return stale(attempt)
  if (entry.settled?.fence === attempt.fence) return Effect.succeed({ execution: executionOf(entry), duplicate: true })
  const moved = move(memory, entry, { _tag: "Settled", fence: attempt.fence, ending: settlement.ending }, now)
  if (Result.isFailure(moved)) return stale(attempt)
  entry.settled = { fence: attempt.fence, settlement }
  if (settlement.phases !== undefined) entry.chronicle.measured(settlement.phases)
  return Effect.succeed({ execution: executionOf(entry), duplicate: false })
}

const reclaimed = (memory: Memory, entry: Entry, event: Event, now: number): Reclaimed => {
  const attempt = { execution: entry.submission.id, fence: entry.life.fence }
  move(memory, entry, event, now)
  return { ...attempt, state: entry.life.state }
}

const lost = ({ life }: Entry, detail: string): Event =>
  ({ _tag: "AttemptLost", fence: life.fence, detail, counts: true })

const sweep = (memory: Memory, now: number) =>
  Array.from(memory.entries.values())
    .filter(({ deadline, life }) => (life.state === "uploading" || isPlaced(life.state)) && deadline < now)
    .map((entry) => {
      const event: Event = isPlaced(entry.life.state) ? lost(entry, "worker lost") : { _tag: "UploadExpired" }
      return reclaimed(memory, entry, event, now)
    })

const reclaim = (memory: Memory, runner: RunnerId, incarnation: Incarnation, now: number) =>
  Array.from(memory.entries.values())
    .filter(({ holder, life }) =>
      isPlaced(life.state) && holder?.runner === runner && holder.incarnation !== incarnation
    )
    .map((entry) => reclaimed(memory, entry, lost(entry, "worker restarted"), now))

const extendLeases = (memory: Memory, now: number): void => {
  for (const entry of memory.entries.values()) {
    if (isPlaced(entry.life.state)) entry.deadline = Math.max(entry.deadline, now + Duration.toMillis(lease))
  }
}

/** `f` at the clock's time. Whatever it changes, it changes in one go: nothing else runs in between. */
const timed = <A, E>(f: (now: number) => Effect.Effect<A, E>) => Effect.flatMap(Clock.currentTimeMillis, f)
const atNow = <A>(f: (now: number) => A) => Effect.map(Clock.currentTimeMillis, f)

const verbs = (memory: Memory): Omit<ExecutionStore["Service"], "hints"> => ({
  accept: (submission) => timed((now) => accept(memory)(submission, now)),
  storedParts: (account, parts) =>
    Effect.sync(() => new Set(parts.filter((part) => memory.parts.has(partKey(account, part))))),
  recordPart: (account, part) => Effect.sync(() => void memory.parts.set(partKey(account, part.sha256), part.size)),
  stored: (account) => Effect.sync(() => stored(memory, account)),
  uploaded: (account, id) =>
    timed((now) => Effect.map(owned(memory, account, id), (entry) => ready(memory, entry, now))),
  find: (account, id) => Effect.suspend(() => Effect.map(owned(memory, account, id), executionOf)),
  matching: (account, prefix, limit) =>
    Effect.sync(() =>
      list(memory, account, { limit: Infinity }).map(({ id }) => id).filter((id) => id.startsWith(prefix)).slice(0, limit)
    ),
  manifest: (account, id) =>
    Effect.suspend(() =>
      Effect.map(owned(memory, account, id), ({ settled }) => settled?.settlement.manifest ?? emptyManifest)
    ),
  story: (account, id) =>
    timed((now) =>
      Effect.map(owned(memory, account, id), (entry) => ({
        execution: executionOf(entry),
        missing: partTotals(missingIn(memory, entry)),
        ...storyOf(entry, [...memory.entries.values()], now)
      }))
    ),
  costs: (account, stretches) => Effect.sync(() => costs([...memory.entries.values()], account, stretches)),
  charges: (account, stretch, page) => Effect.sync(() => charges(memory.entries.values(), account, stretch, page)),
  list: (account, filter) => Effect.sync(() => list(memory, account, filter)),
  cancel: (account, id) =>
    timed((now) =>
      Effect.map(owned(memory, account, id), (entry) => {
        move(memory, entry, { _tag: "CancelRequested" }, now)
        return executionOf(entry)
      })
    ),
  remove: (account, id, discard) => remove(memory, account, id, discard),
  retry: (account, of, wanted, copy) => retry(memory, account, of, wanted, copy),
  claim: (claimant, count) => atNow((now) => claim(memory, claimant, count, now)),
  claimed: (attempt) =>
    Effect.suspend(() => {
      const entry = held(memory, attempt)
      return entry === undefined ? stale(attempt) : Effect.succeed(claimOf(entry))
    }),
  renew: (incarnation, attempts) => atNow((now) => attempts.map((attempt) => renew(memory, incarnation, attempt, now))),
  started: (attempt) =>
    timed((now) => {
      const entry = held(memory, attempt)
      if (entry === undefined) return stale(attempt)
      move(memory, entry, { _tag: "Started", fence: attempt.fence }, now)
      return Effect.void
    }),
  settle: (attempt, settlement) => timed((now) => settle(memory)(attempt, settlement, now)),
  lose: (attempt, detail) =>
    timed((now) => {
      const entry = held(memory, attempt)
      return entry === undefined
        ? stale(attempt)
        : Effect.succeed(reclaimed(memory, entry, lost(entry, detail), now).state)
    }),
  sweep: atNow((now) => sweep(memory, now)),
  reclaim: (runner, incarnation) => atNow((now) => reclaim(memory, runner, incarnation, now)),
  extendLeases: atNow((now) => extendLeases(memory, now)),
  busy: Effect.sync(() =>
    [...memory.entries.values()].some(({ life }) => life.state === "queued" || isPlaced(life.state))
  ),
  ping: Effect.void,
  version: Effect.succeed(0)
})

export const make: Effect.Effect<ExecutionStore["Service"]> = Effect.gen(function*() {
  const hints = yield* PubSub.sliding<Hint>(1024)
  const memory: Memory = {
    entries: new Map(),
    parts: new Map(),
    tell: (all) => all.forEach((hint) => PubSub.publishUnsafe(hints, hint))
  }
  return { ...verbs(memory), hints: Stream.fromPubSub(hints) }
})

export const layer: Layer.Layer<ExecutionStore> = Layer.effect(ExecutionStore, make)
