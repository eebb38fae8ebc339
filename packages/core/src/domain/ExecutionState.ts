/**
 * The life of an execution as pure transitions. The stores apply exactly these; nothing else changes a state.
 *
 * `uploading → held → building → queued → leased → running → (completed | failed | timed_out | canceled)`
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Failure } from "./Failure.ts"

export const State = Schema.Literals([
  "uploading",
  "held",
  "building",
  "queued",
  "leased",
  "running",
  "completed",
  "failed",
  "timed_out",
  "canceled"
]).annotate({ identifier: "State" })
export type State = typeof State.Type

export const finalStates = ["completed", "failed", "timed_out", "canceled"] as const
export type FinalState = (typeof finalStates)[number]

export const isFinal = (state: State): state is FinalState => (finalStates as ReadonlyArray<State>).includes(state)

/** Held by a runner: a lease and a fence stand behind it. */
export const isPlaced = (state: State): state is "leased" | "running" => state === "leased" || state === "running"

/** Takes one of its batch's places. */
export const isActive = (state: State): boolean => state === "queued" || isPlaced(state)

/** Nobody has it, and it has not ended. */
export const waitingStates: ReadonlyArray<State> = ["uploading", "held", "building", "queued"]

/** The part of an execution that transitions read and write. */
export interface Life {
  readonly state: State
  /** Attempts claimed so far; the newest attempt's number. 0 before the first claim. */
  readonly fence: number
  /** Attempts lost to the grid that count against `retries`. */
  readonly lost: number
  readonly retries: number
  readonly cancelRequested: boolean
  readonly failure: Failure | null
}

/** How an attempt ended by itself, as its runner tells it. */
export interface Ending {
  readonly state: FinalState
  readonly failure: Failure | null
}

export type Event =
  /** `held`: a member of a batch waits for its place there. */
  | { readonly _tag: "Uploaded"; readonly held: boolean }
  | { readonly _tag: "Promoted" }
  /** Its batch takes in no more. What runs is not touched. */
  | { readonly _tag: "Halted"; readonly by: "halt" | "dependencies" }
  | { readonly _tag: "UploadExpired" }
  | { readonly _tag: "Claimed" }
  | { readonly _tag: "Started"; readonly fence: number }
  | { readonly _tag: "Settled"; readonly fence: number; readonly ending: Ending }
  /** `counts`: false when the grid itself was away (database outage, restart), so that it costs no retry. */
  | { readonly _tag: "AttemptLost"; readonly fence: number; readonly detail: string; readonly counts: boolean }
  | { readonly _tag: "CancelRequested" }

/** Why an event changes nothing. `StaleFence`: another attempt holds the execution now, or none does. */
export type Refusal = "AlreadyFinal" | "StaleFence" | "NotNow"

const moved = (life: Life, change: Partial<Life>): Result.Result<Life, Refusal> =>
  Result.succeed({ ...life, ...change })

const canceled = { state: "canceled", failure: { _tag: "Canceled" } } as const

const afterLoss = (life: Life, detail: string, counts: boolean): Partial<Life> => {
  if (life.cancelRequested) return canceled
  const lost = life.lost + (counts ? 1 : 0)
  if (lost <= life.retries) return { state: "queued", lost }
  return { state: "failed", lost, failure: { _tag: "AttemptsLost", attempts: life.fence, detail } }
}

const fenced = (life: Life, fence: number, change: () => Partial<Life>): Result.Result<Life, Refusal> =>
  isPlaced(life.state) && life.fence === fence ? moved(life, change()) : Result.fail("StaleFence")

/** Applies one event, or says why it changes nothing. */
export const transition = (life: Life, event: Event): Result.Result<Life, Refusal> => {
  if (isFinal(life.state)) return Result.fail("AlreadyFinal")
  switch (event._tag) {
    case "Uploaded":
      return life.state === "uploading"
        ? moved(life, { state: event.held ? "held" : "queued" })
        : Result.fail("NotNow")
    case "Promoted":
      return life.state === "held" ? moved(life, { state: "queued" }) : Result.fail("NotNow")
    case "Halted":
      return isPlaced(life.state)
        ? Result.fail("NotNow")
        : moved(life, { state: "canceled", failure: { _tag: "Halted", by: event.by } })
    case "UploadExpired":
      return life.state === "uploading"
        ? moved(life, { state: "failed", failure: { _tag: "UploadExpired" } })
        : Result.fail("NotNow")
    case "Claimed":
      return life.state === "queued" ? moved(life, { state: "leased", fence: life.fence + 1 }) : Result.fail("NotNow")
    case "Started":
      return fenced(life, event.fence, () => ({ state: "running" }))
    case "Settled":
      return fenced(life, event.fence, () => ({ state: event.ending.state, failure: event.ending.failure }))
    case "AttemptLost":
      return fenced(life, event.fence, () => afterLoss(life, event.detail, event.counts))
    case "CancelRequested":
      return moved(life, isPlaced(life.state) ? { cancelRequested: true } : canceled)
  }
}
