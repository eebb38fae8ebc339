/**
 * The one WebSocket a runner holds (`/api/v1/runner`, bearer key with scope `runner`): JSON messages, one a frame. The
 * runner dials; the server never does. Unknown fields are ignored by both sides, so that neighbours of one minor version
 * understand each other.
 */
import * as Schema from "effect/Schema"
import { AccountId, BatchId, ExecutionId, Incarnation, RunnerId } from "../domain/Id.ts"
import { JobSpec } from "../domain/JobSpec.ts"
import { Micros } from "../domain/Money.ts"
import { Progress } from "../domain/Progress.ts"
import { Kept } from "./Caches.ts"
import { ReportedControl } from "./Account.ts"

export const runnerPath = "/api/v1/runner"

const Held = Schema.Struct({ execution: ExecutionId, fence: Schema.Int })

/** First message of a runner. `running`: what this incarnation still runs, after a cut connection. */
export const Hello = Schema.TaggedStruct("Hello", {
  runner: RunnerId,
  incarnation: Incarnation,
  name: Schema.String,
  version: Schema.String,
  sandbox: Schema.String,
  /** Where it stands, for people. */
  region: Schema.optionalKey(Schema.String),
  slots: Schema.Int,
  /** What an hour of all of it costs; absent: nothing. */
  hourlyMicros: Schema.optionalKey(Micros),
  controls: Schema.Array(ReportedControl),
  running: Schema.Array(Held)
})

/** The runner has this many free slots, all told. Replaces what it asked before. */
export const Ask = Schema.TaggedStruct("Ask", { free: Schema.Int })

/** Renew these leases. `id` comes back in `Renewed`, so that the sending can be timed. */
export const Renew = Schema.TaggedStruct("Renew", { id: Schema.Int, attempts: Schema.Array(Held) })

/** The runner takes no more work; it leaves when what it runs has ended. */
export const Draining = Schema.TaggedStruct("Draining", {})

/** How far an attempt is that has not started its script yet. A hint, sent a few times a second at most. */
export const AttemptProgress = Schema.TaggedStruct("AttemptProgress", { ...Held.fields, progress: Progress })

/** What the runner has in its cache by now. Replaces what it told before. */
export const Cached = Schema.TaggedStruct("Cached", { kept: Kept })

export const FromRunner = Schema.Union([Hello, Ask, Renew, Draining, AttemptProgress, Cached])
export type FromRunner = typeof FromRunner.Type

/** Answer to `Hello`. Seconds. */
export const Welcome = Schema.TaggedStruct("Welcome", { leaseSeconds: Schema.Finite, renewSeconds: Schema.Finite })

/** An attempt for one free slot; its lease runs since before this was sent. */
export const Assignment = Schema.Struct({
  execution: ExecutionId,
  fence: Schema.Int,
  /** Whose it is: what is installed for one account, no other sees. */
  account: AccountId,
  /** The batch it is an item of, if it is one: with `spec.isolation: "batch"`, its items may follow each other in a slot. */
  batch: Schema.optionalKey(BatchId),
  /** Only credential for this attempt's inputs, log, outputs and end. */
  token: Schema.String,
  spec: JobSpec
})
export type Assignment = typeof Assignment.Type

export const Assign = Schema.TaggedStruct("Assign", { attempts: Schema.Array(Assignment) })

export const Renewed = Schema.TaggedStruct("Renewed", {
  id: Schema.Int,
  attempts: Schema.Array(Schema.Struct({
    ...Held.fields,
    /** False: the lease is gone; stop the attempt and tell nothing more. */
    held: Schema.Boolean,
    cancelRequested: Schema.Boolean
  }))
})

export const Cancel = Schema.TaggedStruct("Cancel", { execution: ExecutionId })

export const ToRunner = Schema.Union([Welcome, Assign, Renewed, Cancel])
export type ToRunner = typeof ToRunner.Type

export const encodeFromRunner = Schema.encodeSync(Schema.fromJsonString(FromRunner))
export const decodeFromRunner = Schema.decodeUnknownEffect(Schema.fromJsonString(FromRunner))
export const encodeToRunner = Schema.encodeSync(Schema.fromJsonString(ToRunner))
export const decodeToRunner = Schema.decodeUnknownEffect(Schema.fromJsonString(ToRunner))
