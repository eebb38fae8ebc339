/** The port to executions in memory. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { emptyManifest } from "../../domain/Execution.ts"
import { isPlaced } from "../../domain/ExecutionState.ts"
import type { AccountId } from "../../domain/Id.ts"
import type { ExecutionStore, ListFilter } from "../../ports/ExecutionStore.ts"
import { partTotals } from "../canonical.ts"
import { accept, ready, remove, retry } from "./accepting.ts"
import { claim, extendLeases, held, lost, reclaim, reclaimed, renew, settle, stale, sweep } from "./attempts.ts"
import { storyOf } from "./Chronicle.ts"
import { claimOf, executionOf, type Memory, missingIn, move, owned, partKey } from "./Memory.ts"
import { charges, costs } from "./Meter.ts"
import { stored } from "./stored.ts"

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

/** `f` at the clock's time. Whatever it changes, it changes in one go: nothing else runs in between. */
export const timed = <A, E>(f: (now: number) => Effect.Effect<A, E>) => Effect.flatMap(Clock.currentTimeMillis, f)
const atNow = <A>(f: (now: number) => A) => Effect.map(Clock.currentTimeMillis, f)

export const executions = (memory: Memory): Omit<ExecutionStore["Service"], "hints"> => ({
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
  holds: (attempt) => Effect.sync(() => held(memory, attempt) !== undefined),
  claimed: (attempt) =>
    Effect.suspend(() => {
      const entry = held(memory, attempt)
      return entry === undefined ? stale(attempt) : Effect.succeed(claimOf(memory, entry))
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
