/** Why an execution waits, is slow, failed or costs what it costs: a pure answer from facts. Words are made elsewhere. */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { Execution } from "./Execution.ts"
import { ExecutionEvent, type Phases } from "./ExecutionEvent.ts"
import { isFinal, isPlaced } from "./ExecutionState.ts"
import type { Failure } from "./Failure.ts"
import { costOf, type WorkerPrice } from "./Money.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** What the grid knows of an execution, at one moment. */
export const WhyFacts = Schema.Struct({
  execution: Execution,
  /** The grid's clock. */
  now: Schema.DateTimeUtcFromString,
  events: Schema.Array(ExecutionEvent),
  /** Executions queued before it. */
  ahead: Count,
  /** What its client has not sent yet. */
  missing: Schema.Struct({ parts: Count, bytes: Count }),
  /** Until when its worker may keep it without a word. Null when no worker has it. */
  leaseUntil: Schema.NullOr(Schema.DateTimeUtcFromString),
  /** Whether the worker that has it is connected. */
  workerConnected: Schema.Boolean,
  workers: Schema.Struct({ connected: Count, slots: Count, busy: Count }),
  /** How long earlier completed runs of the same script took, milliseconds, newest first. */
  earlier: Schema.Array(Count)
}).annotate({ identifier: "WhyFacts" })
export type WhyFacts = typeof WhyFacts.Type

/** Where it stands, and what that depends on. `millis`: for how long. */
export type Verdict =
  | { readonly _tag: "Uploading"; readonly millis: number; readonly parts: number; readonly bytes: number }
  | { readonly _tag: "Held"; readonly millis: number }
  | { readonly _tag: "Building"; readonly millis: number }
  | { readonly _tag: "NoWorker"; readonly millis: number; readonly ahead: number }
  | { readonly _tag: "SlotsBusy"; readonly millis: number; readonly ahead: number; readonly slots: number }
  | { readonly _tag: "NextInLine"; readonly millis: number; readonly ahead: number }
  | { readonly _tag: "CancelRequested"; readonly millis: number }
  | { readonly _tag: "WorkerLost"; readonly millis: number; readonly untilMillis: number }
  | { readonly _tag: "Preparing"; readonly millis: number }
  | { readonly _tag: "Running"; readonly millis: number }
  | { readonly _tag: "Completed"; readonly millis: number }
  | { readonly _tag: "Ended"; readonly millis: number; readonly failure: Failure | null }

export interface AttemptStory {
  readonly attempt: number
  readonly runner: string | null
  readonly sandbox: string | null
  readonly millis: number
  readonly micros: number
  readonly outcome: "ended" | "lost" | "goes on"
  /** Why it was lost. */
  readonly detail: string | null
}

export type Step =
  | "uploading"
  | "queued"
  | "between attempts"
  | "installing"
  | "image and slot"
  | "inputs"
  | "preparing"
  | "running"
  | "outputs"
  | "settling"

export interface TimeSpent {
  readonly step: Step
  readonly millis: number
}

export type Remark =
  /** `cores`: processors it kept busy on the average. */
  | { readonly _tag: "CpuBound"; readonly cores: number; readonly allowed: number | null }
  | { readonly _tag: "MostlyWaited"; readonly percent: number }
  | { readonly _tag: "NearMemoryLimit"; readonly peakBytes: number; readonly limitBytes: number }
  | {
    readonly _tag: "Usual"
    readonly medianMillis: number
    readonly runs: number
    readonly millis: number
    readonly ended: boolean
  }

export interface Answer {
  readonly verdict: Verdict
  readonly attempts: ReadonlyArray<AttemptStory>
  readonly time: ReadonlyArray<TimeSpent>
  readonly remarks: ReadonlyArray<Remark>
  readonly cost: { readonly micros: number; readonly price: WorkerPrice } | null
}

export const median = (numbers: ReadonlyArray<number>): number | null => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return null
  return sorted.length % 2 === 1 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2)
}

const millis = DateTime.toEpochMillis

/** Never negative: a clock that was set back tells nothing. */
const between = (from: number, until: number): number => Math.max(0, until - from)

const waiting = (facts: WhyFacts, since: number): Verdict => {
  const { ahead, workers } = facts
  if (workers.connected === 0) return { _tag: "NoWorker", millis: since, ahead }
  return workers.busy >= workers.slots
    ? { _tag: "SlotsBusy", millis: since, ahead, slots: workers.slots }
    : { _tag: "NextInLine", millis: since, ahead }
}

const placed = (facts: WhyFacts, since: number): Verdict => {
  const { events, execution, leaseUntil, now, workerConnected } = facts
  if (!workerConnected && leaseUntil !== null) {
    return { _tag: "WorkerLost", millis: since, untilMillis: between(millis(now), millis(leaseUntil)) }
  }
  if (execution.cancelRequested) {
    const asked = events.findLast(({ type }) => type === "CancelRequested")
    return { _tag: "CancelRequested", millis: asked === undefined ? since : between(millis(asked.at), millis(now)) }
  }
  return { _tag: execution.state === "leased" ? "Preparing" : "Running", millis: since }
}

const verdictOf = (facts: WhyFacts): Verdict => {
  const { events, execution, missing, now } = facts
  const { createdAt, endedAt, failure, startedAt, state } = execution
  // A claim and its start are one wait to its owner; so is a request to cancel within them.
  const began = isPlaced(state)
    ? events.findLast(({ type }) => type === "Claimed")
    : events.findLast((event) => event.state === state)
  const since = between(millis(began?.at ?? createdAt), millis(now))
  switch (state) {
    case "uploading":
      return { _tag: "Uploading", millis: since, ...missing }
    case "held":
      return { _tag: "Held", millis: since }
    case "building":
      return { _tag: "Building", millis: since }
    case "queued":
      return waiting(facts, since)
    case "leased":
    case "running":
      return placed(facts, since)
    default: {
      const ran = between(millis(startedAt ?? createdAt), millis(endedAt ?? now))
      return state === "completed" ? { _tag: "Completed", millis: ran } : { _tag: "Ended", millis: ran, failure }
    }
  }
}

const attemptsOf = ({ events, now }: WhyFacts): ReadonlyArray<AttemptStory> =>
  events.filter(({ type }) => type === "Claimed").map((claim) => {
    const end = events.find((event) =>
      event.attempt === claim.attempt && event.at !== claim.at && !isPlaced(event.state) && event.type !== "Claimed"
    )
    const { price, runner, sandbox } = claim.data
    const took = between(millis(claim.at), millis(end?.at ?? now))
    return {
      attempt: claim.attempt,
      runner: runner ?? null,
      sandbox: sandbox ?? null,
      millis: took,
      micros: price === undefined ? 0 : costOf(took * 1000, price),
      outcome: end === undefined ? "goes on" : end.type === "AttemptLost" ? "lost" : "ended",
      detail: end?.data.detail ?? null
    }
  })

/** What an attempt's whole time consists of; what its runner did not measure goes to the settlement. */
const insideOf = (whole: number, phases: Phases | undefined): ReadonlyArray<TimeSpent> => {
  if (phases === undefined) return [{ step: "running", millis: whole }]
  const { inputsMillis, installMillis, outputsMillis, prepareMillis, runMillis, slotMillis } = phases
  const preparing: Step = slotMillis > 2 * inputsMillis
    ? "image and slot"
    : inputsMillis > 2 * slotMillis
    ? "inputs"
    : "preparing"
  return [
    ...(installMillis === undefined ? [] : [{ step: "installing" as const, millis: installMillis }]),
    { step: preparing, millis: between(installMillis ?? 0, prepareMillis) },
    { step: "running", millis: runMillis },
    { step: "outputs", millis: outputsMillis },
    { step: "settling", millis: between(prepareMillis + runMillis + outputsMillis, whole) }
  ]
}

const stepOf = (before: ExecutionEvent): Step => {
  if (before.state === "uploading") return "uploading"
  return before.type === "AttemptLost" ? "between attempts" : "queued"
}

/** Everything from the acceptance to the end or to now, in order, without gaps. */
const timeOf = ({ events, execution, now }: WhyFacts): ReadonlyArray<TimeSpent> => {
  const spent: Array<TimeSpent> = []
  const steps = events.filter(({ type }) => type !== "Started" && type !== "CancelRequested")
  for (const [i, event] of steps.entries()) {
    if (isFinal(event.state)) break
    const next = steps[i + 1]
    const whole = between(millis(event.at), millis(next?.at ?? execution.endedAt ?? now))
    if (event.type === "Claimed") spent.push(...insideOf(whole, next?.data.phases))
    else spent.push({ step: stepOf(event), millis: whole })
  }
  return spent
}

/** How long the script itself ran, or has run: without what the grid did around it, where that was measured. */
const runMillisOf = ({ events, execution, now }: WhyFacts): number | null => {
  if (execution.startedAt === null) return null
  const phases = events.findLast(({ data }) => data.phases !== undefined)?.data.phases
  return phases?.runMillis ?? between(millis(execution.startedAt), millis(execution.endedAt ?? now))
}

/** Shorter runs are over before anything about them means something. */
const tellingMillis = 1000

const remarksOf = (facts: WhyFacts): ReadonlyArray<Remark> => {
  const { earlier, execution: { endedAt, resources, startedAt, usage }, now } = facts
  const remarks: Array<Remark> = []
  const ran = runMillisOf(facts)
  if (usage !== null && ran !== null && ran >= tellingMillis) {
    const cores = Math.round(usage.cpuMicros / ran / 10) / 100
    if (cores >= 0.8) remarks.push({ _tag: "CpuBound", cores, allowed: resources.cpu ?? null })
    if (cores <= 0.2) remarks.push({ _tag: "MostlyWaited", percent: Math.round((1 - cores) * 100) })
  }
  const [peakBytes, limitBytes] = [usage?.peakMemoryBytes ?? null, resources.memoryBytes]
  if (peakBytes !== null && limitBytes !== undefined && peakBytes >= limitBytes * 0.9) {
    remarks.push({ _tag: "NearMemoryLimit", peakBytes, limitBytes })
  }
  const usual = median(earlier)
  if (usual !== null && startedAt !== null) {
    const took = between(millis(startedAt), millis(endedAt ?? now))
    remarks.push({ _tag: "Usual", medianMillis: usual, runs: earlier.length, millis: took, ended: endedAt !== null })
  }
  return remarks
}

export const why = (facts: WhyFacts): Answer => {
  const { cost } = facts.execution
  const attempts = attemptsOf(facts)
  const open = attempts.filter(({ outcome }) => outcome === "goes on").reduce((sum, { micros }) => sum + micros, 0)
  return {
    verdict: verdictOf(facts),
    attempts,
    time: timeOf(facts),
    remarks: remarksOf(facts),
    cost: cost.price === null ? null : { micros: cost.micros + open, price: cost.price }
  }
}
