/** What happened to an execution in memory, as the Postgres store's events have it. */
import * as DateTime from "effect/DateTime"
import type { ExecutionEvent, Phases } from "../../domain/ExecutionEvent.ts"
import type { Event, Life } from "../../domain/ExecutionState.ts"
import { isPlaced } from "../../domain/ExecutionState.ts"
import type { Claimant, Story, Submission } from "../../ports/ExecutionStore.ts"
import { earlierRuns } from "../canonical.ts"

interface Told {
  readonly submission: Submission
  readonly createdAt: number
  readonly life: Life
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly deadline: number
  readonly holder: Claimant | null
  readonly chronicle: Chronicle
}

type Happened = Event | { readonly _tag: "Accepted" }

const dataOf = (event: Happened, holder: Claimant | null): ExecutionEvent["data"] => {
  if (event._tag === "AttemptLost") return { detail: event.detail, counts: event.counts }
  return event._tag === "Claimed" && holder !== null
    ? { runner: holder.runner, sandbox: holder.sandbox, price: holder.price }
    : {}
}

export class Chronicle {
  events: ReadonlyArray<ExecutionEvent> = []

  add(event: Happened, { holder, life }: Pick<Told, "holder" | "life">, now: number): void {
    this.events = [...this.events, {
      type: event._tag,
      state: life.state,
      attempt: life.fence,
      at: DateTime.makeUnsafe(now),
      data: dataOf(event, holder)
    }]
  }

  /** What the runner of the attempt that ended last measured. */
  measured(phases: Phases): void {
    this.events = this.events.map((event, i) =>
      i === this.events.length - 1 ? { ...event, data: { ...event.data, phases } } : event
    )
  }
}

const isBefore = (one: Told, other: Told): boolean =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.submission.id < other.submission.id)

const aheadOf = (entry: Told, all: ReadonlyArray<Told>): number =>
  entry.life.state === "queued"
    ? all.filter((other) => other.life.state === "queued" && isBefore(other, entry)).length
    : 0

const earlierOf = (entry: Told, all: ReadonlyArray<Told>): ReadonlyArray<number> =>
  all
    .filter((other) =>
      other.submission.account === entry.submission.account && other.submission.id < entry.submission.id &&
      other.submission.spec.script === entry.submission.spec.script && other.life.state === "completed"
    )
    .sort((a, b) => (a.submission.id < b.submission.id ? 1 : -1))
    .slice(0, earlierRuns)
    .map(({ endedAt, startedAt }) => Math.max(0, (endedAt ?? 0) - (startedAt ?? endedAt ?? 0)))

export const storyOf = (
  entry: Told,
  all: ReadonlyArray<Told>,
  now: number
): Omit<Story, "execution" | "missing"> => ({
  now: DateTime.makeUnsafe(now),
  events: entry.chronicle.events,
  ahead: aheadOf(entry, all),
  leaseUntil: isPlaced(entry.life.state) ? DateTime.makeUnsafe(entry.deadline) : null,
  earlier: earlierOf(entry, all)
})
