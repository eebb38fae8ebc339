/**
 * Bytes under keys the grid built itself. Objects are immutable: a key is written once, with the size and hash it was
 * signed for, and appears whole or not at all.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { AccountId } from "../domain/Id.ts"
import type { Sha256 } from "../domain/JobSpec.ts"
import type { Attempt, Part } from "./ExecutionStore.ts"

export class ObjectMissing extends Schema.TaggedError<ObjectMissing>()("ObjectMissing", { key: Schema.String }) {}

/** The bytes were not those announced. Nothing was stored. */
export class ContentMismatch extends Schema.TaggedError<ContentMismatch>()("ContentMismatch", {
  key: Schema.String,
  detail: Schema.String
}) {}

/** The store can't be reached, or its disk is full. */
export class ObjectsUnavailable extends Schema.TaggedError<ObjectsUnavailable>()("ObjectsUnavailable", {
  detail: Schema.String,
  diskFull: Schema.Boolean
}) {
  readonly isRetryable: boolean = true
}

/** A key is only ever made by these: no byte of it comes from a client but a hash in hex. */
export const inputKey = (account: AccountId, part: Sha256): string => `inputs/${account}/${part}`
export const outputKey = (attempt: Attempt, part: Sha256): string =>
  `attempts/${attempt.execution}/${attempt.fence}/${part}`
/** The execution comes last: it is what objects are spread by, and none needs a directory of its own. */
export const logKey = (attempt: Attempt, index: number): string =>
  `logs/${attempt.fence}_${index}/${attempt.execution}`

/** A request that whoever holds it may make once or often until it expires. */
export interface SignedRequest {
  /** Absolute, or a path to be resolved against the server the holder already talks to. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Of a PUT: the content codings that are undone there before the bytes are looked at. Absent: none. */
  readonly encodings?: ReadonlyArray<string>
}

export class ObjectStore extends Context.Service<ObjectStore, {
  /** Stores exactly `part`'s bytes. Idempotent: storing it again changes nothing. Durable when it returns. */
  readonly put: <E>(
    key: string,
    part: Part,
    bytes: Stream.Stream<Uint8Array, E>
  ) => Effect.Effect<void, E | ContentMismatch | ObjectsUnavailable>
  /**
   * Stores the first `size` bytes of a file of this machine, which is the store's own from then on and gone from where it
   * was. For files nobody else writes; one that is not there has no bytes. Idempotent and durable as `put`.
   */
  readonly adopt: (
    key: string,
    size: number,
    file: string
  ) => Effect.Effect<void, ContentMismatch | ObjectsUnavailable>
  /** The object's bytes, from `offset` (default 0), at most `limit` of them (default all). */
  readonly get: (
    key: string,
    range?: { readonly offset: number; readonly limit: number }
  ) => Stream.Stream<Uint8Array, ObjectMissing | ObjectsUnavailable>
  /** Size in bytes. */
  readonly size: (key: string) => Effect.Effect<number, ObjectMissing | ObjectsUnavailable>
  /** Idempotent. */
  readonly remove: (key: string) => Effect.Effect<void, ObjectsUnavailable>
  /** A PUT that stores only these very bytes. */
  readonly presignPut: (key: string, part: Part, expires: Duration.Duration) => Effect.Effect<SignedRequest>
  /** A GET, ranges allowed. */
  readonly presignGet: (key: string, expires: Duration.Duration) => Effect.Effect<SignedRequest>
  /** Fails when the store can't take a write now. */
  readonly ping: Effect.Effect<void, ObjectsUnavailable>
}>()("rgrid/ports/ObjectStore") {}
