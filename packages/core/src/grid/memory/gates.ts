/** A batch's gate in memory: as `gates.ts` of the Postgres store has it. */
import { type Event, isActive, isFinal, isPlaced, type Life, type State, waitingStates } from "../../domain/ExecutionState.ts"
import { haltedBy, leastUsual, relativeTimeout } from "../../domain/halting.ts"
import type { AccountId, BatchId } from "../../domain/Id.ts"
import { median } from "../../domain/Why.ts"
import { type BatchEntry, type Entry, type Memory, move } from "./Memory.ts"

export const membersOf = (memory: Memory, id: BatchId): ReadonlyArray<Entry> =>
  Array.from(memory.entries.values())
    .filter(({ member }) => member?.id === id)
    .sort((a, b) => (a.member?.position ?? 0) - (b.member?.position ?? 0))

const flowOf = ({ member, submission }: Entry): AccountId | BatchId => member?.id ?? submission.account

export const newestTurn = (memory: Memory, flow: AccountId | BatchId): number =>
  Array.from(memory.entries.values())
    .filter((entry) => entry.life.state === "queued" && flowOf(entry) === flow)
    .reduce((newest, { turn }) => Math.max(newest, turn), memory.taken)

/** Flows of an account share what one flow of another has. */
export const stride = (memory: Memory, account: AccountId, except?: BatchId): number =>
  1 + Array.from(memory.batches.values())
    .filter((batch) => batch.account === account && batch.endedAt === null && batch.id !== except).length

export const promote = (memory: Memory, id: BatchId, now: number): void => {
  const batch = memory.batches.get(id)
  if (batch === undefined || batch.halted !== null) return
  const members = membersOf(memory, id)
  const room = batch.options.parallel - members.filter(({ life }) => isActive(life.state)).length
  const [base, step] = [newestTurn(memory, id), stride(memory, batch.account, id)]
  members.filter(({ life }) => life.state === "held").slice(0, Math.max(0, room)).forEach((entry, index) => {
    entry.turn = base + step * (index + 1)
    move(memory, entry, { _tag: "Promoted" }, now)
  })
}

export const endMembers = (memory: Memory, id: BatchId, states: ReadonlyArray<State>, event: Event, now: number): void => {
  for (const entry of membersOf(memory, id)) if (states.includes(entry.life.state)) move(memory, entry, event, now)
}

const count = (members: ReadonlyArray<Entry>, ...states: ReadonlyArray<State>): number =>
  members.filter(({ life }) => states.includes(life.state)).length

const haltOf = ({ halted, options: { halt } }: BatchEntry, members: ReadonlyArray<Entry>, { life }: Entry) =>
  haltedBy({ halt, halted }, life.failure, {
    completed: count(members, "completed"),
    failed: count(members, "failed", "timed_out"),
    canceled: count(members, "canceled"),
    total: members.length
  })

const limitTime = (batch: BatchEntry, members: ReadonlyArray<Entry>): void => {
  const { timeoutPercent } = batch.options
  const took = members.filter(({ life }) => life.state === "completed")
    .map(({ endedAt, startedAt }) => (endedAt ?? 0) - (startedAt ?? endedAt ?? 0))
  const usual = median(took)
  if (timeoutPercent === undefined || took.length < leastUsual || usual === null) return
  batch.timeLimitSeconds = relativeTimeout(timeoutPercent, usual)
}

const close = (memory: Memory, batch: BatchEntry, halted: NonNullable<BatchEntry["halted"]>, now: number): void => {
  const isNew = batch.halted === null
  batch.halted = halted
  const by = halted === "dependencies" ? "dependencies" : "halt"
  endMembers(memory, batch.id, waitingStates, halted === "canceled" ? { _tag: "CancelRequested" } : { _tag: "Halted", by }, now)
  if (isNew && halted === "halt" && batch.options.halt?.when === "now") {
    endMembers(memory, batch.id, ["leased", "running"], { _tag: "CancelRequested" }, now)
  }
}

/** A member moved from `before`: its batch counts, halts, lets the next in. */
export const passed = (memory: Memory, entry: Entry, before: Life, now: number): void => {
  const batch = entry.member === null ? undefined : memory.batches.get(entry.member.id)
  if (batch === undefined || entry.member === null) return
  if (isFinal(entry.life.state)) entry.member.finished = ++batch.finished
  const isRequeued = entry.life.state === "queued" && isPlaced(before.state)
  if (!isFinal(entry.life.state) && !isRequeued) return
  const members = membersOf(memory, batch.id)
  if (batch.finished === members.length) batch.endedAt = now
  memory.tell([{ _tag: "BatchChanged", batch: batch.id }])
  if (entry.life.state === "completed") limitTime(batch, members)
  const halted = haltOf(batch, members, entry)
  if (halted === null) promote(memory, batch.id, now)
  else close(memory, batch, halted, now)
}
