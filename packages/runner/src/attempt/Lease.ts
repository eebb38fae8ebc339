/** The right to run one attempt: until when it lasts, and whether its owner wants it stopped. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export interface Lease {
  /** What is left of it. */
  readonly left: Effect.Effect<Duration.Duration>
  /** A renewal was accepted that was sent at `sentAt` (monotonic): the server counts from no earlier. */
  readonly renewed: (sentAt: bigint, term: Duration.Duration) => Effect.Effect<void>
  /** From now on each renewal is told to the slot too. One follower: the running script's deadline. */
  readonly follow: (extend: (left: Duration.Duration) => Effect.Effect<void>) => Effect.Effect<void>
  readonly cancel: Effect.Effect<void>
  /** Completes when the attempt shall be canceled. */
  readonly canceled: Effect.Effect<void>
}

/** A lease whose first term is counted from now. */
export const make: (term: Duration.Duration) => Effect.Effect<Lease> = Effect.fnUntraced(
  function*(term: Duration.Duration) {
    const canceled = yield* Deferred.make<void>()
    let end = (yield* Clock.monotonicTimeNanos) + BigInt(Math.round(Duration.toMillis(term) * 1e6))
    let extend: (left: Duration.Duration) => Effect.Effect<void> = () => Effect.void
    const left = Effect.map(
      Clock.monotonicTimeNanos,
      (now) => Duration.millis(Math.max(0, Number(end - now) / 1e6))
    )
    return {
      left,
      renewed: (sentAt, newTerm) =>
        Effect.suspend(() => {
          const renewedEnd = sentAt + BigInt(Math.round(Duration.toMillis(newTerm) * 1e6))
          // Answers may overtake each other.
          if (renewedEnd > end) end = renewedEnd
          return Effect.flatMap(left, (rest) => extend(rest))
        }),
      follow: (follower) =>
        Effect.sync(() => {
          extend = follower
        }),
      cancel: Effect.asVoid(Deferred.succeed(canceled, undefined)),
      canceled: Deferred.await(canceled)
    }
  }
)
