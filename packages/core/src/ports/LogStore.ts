/**
 * The framed log of each attempt: appended only at its end, read from anywhere, sealed when the attempt settles. What is
 * not sealed may be lost with the machine that holds it; the runner keeps it until then and sends it again.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Attempt } from "./ExecutionStore.ts"

/** The append was not at the end. `length` is where the log ends; nothing was written. */
export class OffsetMismatch extends Schema.TaggedError<OffsetMismatch>()("OffsetMismatch", {
  length: Schema.Int
}) {}

/** The bytes are not whole frames. */
export class MalformedLog extends Schema.TaggedError<MalformedLog>()("MalformedLog", { at: Schema.Int }) {}

/** The log can't be kept or read: disk full, object store away. */
export class LogUnavailable extends Schema.TaggedError<LogUnavailable>()("LogUnavailable", {
  detail: Schema.String
}) {
  readonly isRetryable: boolean = true
}

export class LogStore extends Context.Service<LogStore, {
  /** Appends whole frames at `offset` and answers the new length. At the wrong offset nothing changes. */
  readonly append: (
    attempt: Attempt,
    offset: number,
    frames: Uint8Array
  ) => Effect.Effect<number, OffsetMismatch | MalformedLog | LogUnavailable>
  /** Bytes of the framed log so far; 0 for one that has not begun. */
  readonly length: (attempt: Attempt) => Effect.Effect<number, LogUnavailable>
  /** At most `limit` bytes from `offset`; empty at the end. May end inside a frame. */
  readonly read: (attempt: Attempt, offset: number, limit: number) => Effect.Effect<Uint8Array, LogUnavailable>
  /** Emits once at once and after each append or seal of this attempt; coalesced, so a slow reader misses nothing. */
  readonly changes: (attempt: Attempt) => Stream.Stream<void>
  /** Makes the log durable; nothing is appended afterwards. Idempotent. Blocks until the bytes are safe. */
  readonly seal: (attempt: Attempt) => Effect.Effect<void, LogUnavailable>
  /** Whether `seal` has been called: what `length` then says is the log's end. */
  readonly sealed: (attempt: Attempt) => Effect.Effect<boolean, LogUnavailable>
  /** Forgets the log. Idempotent. */
  readonly remove: (attempt: Attempt) => Effect.Effect<void, LogUnavailable>
}>()("rgrid/ports/LogStore") {}
