import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { isFinal } from "../../domain/ExecutionState.ts"
import type { AccountId, ExecutionId } from "../../domain/Id.ts"
import { contentsOf, type JobSpec, partsOf } from "../../domain/JobSpec.ts"
import { repeated } from "../../domain/Retry.ts"
import { uploadDeadline } from "../../domain/Timing.ts"
import {
  IdempotencyConflict,
  NotEnded,
  NotRepeatable,
  type Part,
  type Retry,
  type Submission
} from "../../ports/ExecutionStore.ts"
import { canonicalJob } from "../canonical.ts"
import { Chronicle } from "./Chronicle.ts"
import { newestTurn, promote, stride } from "./gates.ts"
import { type Entry, executionOf, type Member, type Memory, missingIn, missingOf, move, owned, partKey } from "./Memory.ts"
import { Meter } from "./Meter.ts"

/** The entry and what it lacks; queued once that is nothing. */
export const ready = (memory: Memory, entry: Entry, now: number) => {
  const missing = missingIn(memory, entry)
  if (missing.length === 0) {
    move(memory, entry, { _tag: "Uploaded", held: entry.member !== null }, now)
    if (entry.member !== null) promote(memory, entry.member.id, now)
  }
  return { execution: executionOf(entry), missing }
}

/** A new entry; its first event is told. */
export const enter = (
  memory: Memory,
  submission: Submission,
  now: number,
  place: { readonly state: Entry["life"]["state"]; readonly turn: number; readonly member: Member | null }
): Entry => {
  const entry: Entry = {
    submission,
    createdAt: now,
    life: { state: place.state, fence: 0, lost: 0, retries: submission.spec.retries, cancelRequested: false, failure: null },
    claimedAt: null,
    startedAt: null,
    endedAt: null,
    deadline: now + Duration.toMillis(uploadDeadline),
    holder: null,
    settled: null,
    meter: new Meter(),
    chronicle: new Chronicle(),
    turn: place.turn,
    member: place.member
  }
  entry.chronicle.add({ _tag: "Accepted" }, entry, now)
  memory.entries.set(submission.id, entry)
  return entry
}

export const accept = (memory: Memory) => (submission: Submission, now: number) => {
  const { account, idempotencyKey: key, spec } = submission
  const before = key === undefined ? undefined : Array.from(memory.entries.values()).find((entry) =>
    entry.submission.account === account && entry.submission.idempotencyKey === key
  )
  if (before !== undefined) {
    return canonicalJob(before.submission) === canonicalJob(submission)
      ? Effect.succeed(ready(memory, before, now))
      : Effect.fail(new IdempotencyConflict({ key: key ?? "" }))
  }
  const missing = missingOf(memory, account, partsOf(contentsOf(spec)))
  const state = missing.length === 0 ? "queued" : "uploading"
  const turn = newestTurn(memory, account) + stride(memory, account)
  const entry = enter(memory, submission, now, { state, turn, member: null })
  if (state === "queued") memory.tell([{ _tag: "Queued" }, { _tag: "Changed", execution: submission.id }])
  return Effect.succeed({ execution: executionOf(entry), missing })
}

export const remove = Effect.fnUntraced(function*<E>(
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

export const retry = Effect.fnUntraced(function*<E>(
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
