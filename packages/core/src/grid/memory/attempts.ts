import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Event, isPlaced } from "../../domain/ExecutionState.ts"
import type { Incarnation, RunnerId } from "../../domain/Id.ts"
import { lease } from "../../domain/Timing.ts"
import { type Attempt, type Claimant, type Reclaimed, type Renewal, type Settlement, StaleAttempt } from "../../ports/ExecutionStore.ts"
import { claimOf, type Entry, executionOf, type Memory, move } from "./Memory.ts"

export const claim = (memory: Memory, claimant: Claimant, count: number, now: number) =>
  Array.from(memory.entries.values())
    .filter(({ life }) => life.state === "queued")
    .sort((a, b) => a.turn - b.turn || a.createdAt - b.createdAt || (a.submission.id < b.submission.id ? -1 : 1))
    .slice(0, count)
    .map((entry) => {
      move(memory, entry, { _tag: "Claimed" }, now)
      entry.holder = claimant
      entry.meter.begin(claimant.price, now)
      entry.chronicle.add({ _tag: "Claimed" }, entry, now)
      entry.deadline = now + Duration.toMillis(lease)
      memory.taken = Math.max(memory.taken, entry.turn)
      return claimOf(memory, entry)
    })

/** The entry that this attempt holds. */
export const held = (memory: Memory, attempt: Attempt): Entry | undefined => {
  const entry = memory.entries.get(attempt.execution)
  return entry !== undefined && isPlaced(entry.life.state) && entry.life.fence === attempt.fence ? entry : undefined
}

export const stale = (attempt: Attempt) =>
  Effect.fail(new StaleAttempt({ execution: attempt.execution, fence: attempt.fence }))

export const renew = (memory: Memory, incarnation: Incarnation, attempt: Attempt, now: number): Renewal => {
  const entry = held(memory, attempt)
  const { execution, fence } = attempt
  if (entry?.holder?.incarnation !== incarnation) return { execution, fence, held: false, cancelRequested: false }
  entry.deadline = now + Duration.toMillis(lease)
  return { execution, fence, held: true, cancelRequested: entry.life.cancelRequested }
}

export const settle = (memory: Memory) => (attempt: Attempt, settlement: Settlement, now: number) => {
  const entry = memory.entries.get(attempt.execution)
  if (entry === undefined) return stale(attempt)
  if (entry.settled?.fence === attempt.fence) return Effect.succeed({ execution: executionOf(entry), duplicate: true })
  const moved = move(memory, entry, { _tag: "Settled", fence: attempt.fence, ending: settlement.ending }, now)
  if (Result.isFailure(moved)) return stale(attempt)
  entry.settled = { fence: attempt.fence, settlement }
  const { runtimeDigest } = settlement
  const { account, spec } = entry.submission
  if (runtimeDigest !== undefined) memory.digests.set(`${account}/${spec.runtime}`, runtimeDigest)
  if (settlement.phases !== undefined) entry.chronicle.measured(settlement.phases)
  return Effect.succeed({ execution: executionOf(entry), duplicate: false })
}

export const reclaimed = (memory: Memory, entry: Entry, event: Event, now: number): Reclaimed => {
  const attempt = { execution: entry.submission.id, fence: entry.life.fence }
  move(memory, entry, event, now)
  return { ...attempt, state: entry.life.state }
}

export const lost = ({ life }: Entry, detail: string): Event =>
  ({ _tag: "AttemptLost", fence: life.fence, detail, counts: true })

export const sweep = (memory: Memory, now: number) =>
  Array.from(memory.entries.values())
    .filter(({ deadline, life }) => (life.state === "uploading" || isPlaced(life.state)) && deadline < now)
    .map((entry) => {
      const event: Event = isPlaced(entry.life.state) ? lost(entry, "worker lost") : { _tag: "UploadExpired" }
      return reclaimed(memory, entry, event, now)
    })

export const reclaim = (memory: Memory, runner: RunnerId, incarnation: Incarnation, now: number) =>
  Array.from(memory.entries.values())
    .filter(({ holder, life }) =>
      isPlaced(life.state) && holder?.runner === runner && holder.incarnation !== incarnation
    )
    .map((entry) => reclaimed(memory, entry, lost(entry, "worker restarted"), now))

export const extendLeases = (memory: Memory, now: number): void => {
  for (const entry of memory.entries.values()) {
    if (isPlaced(entry.life.state)) entry.deadline = Math.max(entry.deadline, now + Duration.toMillis(lease))
  }
}
