/** The store against the pure state machine, in whatever order things come. */
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Ending, type Event, isFinal, type Life, transition } from "../../domain/ExecutionState.ts"
import type { AccountId } from "../../domain/Id.ts"
import { type Attempt, type Claimant, ExecutionStore, type Part } from "../../ports/ExecutionStore.ts"
import {
  completed,
  drained,
  hash,
  type Methods,
  newAccount,
  newClaimant,
  newId,
  type Options,
  settlement,
  withFile
} from "./fixtures.ts"

const endings: ReadonlyArray<Ending> = [
  completed,
  { state: "failed", failure: { _tag: "ScriptExited", code: 3 } },
  { state: "timed_out", failure: { _tag: "TimedOut", seconds: 5 } },
  { state: "canceled", failure: { _tag: "Canceled" } }
]

/** What a client, a runner or time may do next; fences right and wrong. */
const Step = Schema.Struct({
  kind: Schema.Literals([
    "upload", "claim", "start", "settle", "lose", "cancel", "expire", "reclaim", "renew", "extend"
  ]),
  fence: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
})
type Step = typeof Step.Type

/** What a step means to the state machine, in order. Losses carry the words of the verb that finds them. */
const eventsOf = ({ fence, kind, pick }: Step, life: Life): ReadonlyArray<Event> => {
  const lost = (at: number, detail: string): Event => ({ _tag: "AttemptLost", fence: at, detail, counts: true })
  switch (kind) {
    case "upload":
      return [{ _tag: "Uploaded", held: false }]
    case "claim":
      return [{ _tag: "Claimed" }]
    case "start":
      return [{ _tag: "Started", fence }]
    case "settle":
      return [{ _tag: "Settled", fence, ending: endings[pick]! }]
    case "lose":
      return [lost(fence, "lost")]
    case "cancel":
      return [{ _tag: "CancelRequested" }]
    case "expire":
      return [{ _tag: "UploadExpired" }, lost(life.fence, "worker lost")]
    case "reclaim":
      return [lost(life.fence, "worker restarted")]
    default:
      return []
  }
}

const applied = (life: Life, events: ReadonlyArray<Event>): Life =>
  events.reduce((now, event) => Result.getOrElse(transition(now, event), () => now), life)

export const against = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  const act = Effect.fnUntraced(function*(
    step: Step,
    account: AccountId,
    attempt: Attempt,
    part: Part,
    claimant: Claimant
  ) {
    const store = yield* ExecutionStore
    switch (step.kind) {
      case "upload":
        return yield* Effect.andThen(store.recordPart(account, part), store.uploaded(account, attempt.execution))
      case "claim":
        return yield* store.claim(claimant, 1)
      case "start":
        return yield* Effect.result(store.started(attempt))
      case "settle":
        return yield* Effect.result(store.settle(attempt, settlement({ ending: endings[step.pick]! })))
      case "lose":
        return yield* Effect.result(store.lose(attempt, "lost"))
      case "cancel":
        return yield* store.cancel(account, attempt.execution)
      case "expire":
        return yield* Effect.andThen(expire, store.sweep)
      case "reclaim":
        return yield* store.reclaim(claimant.runner, newClaimant().incarnation)
      case "renew":
        return yield* store.renew(claimant.incarnation, [attempt])
      case "extend":
        return yield* store.extendLeases
    }
  })

  it.effect.prop("does what the state machine says, in whatever order things come", {
    steps: Schema.Array(Step).check(Schema.isMaxLength(25))
  }, ({ steps }) =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const part = { sha256: hash(), size: 1 }
      const claimant = newClaimant()
      const { execution } = yield* store.accept({ id: newId(), account, spec: withFile(part, { retries: 1 }) })
      let life: Life = { state: "uploading", fence: 0, lost: 0, retries: 1, cancelRequested: false, failure: null }
      for (const step of steps) {
        yield* act(step, account, { execution: execution.id, fence: step.fence }, part, claimant)
        life = applied(life, eventsOf(step, life))
        const found = yield* store.find(account, execution.id)
        assert.deepStrictEqual(
          { state: found.state, fence: found.attempt, cancelRequested: found.cancelRequested, failure: found.failure },
          { state: life.state, fence: life.fence, cancelRequested: life.cancelRequested, failure: life.failure }
        )
        assert.strictEqual(found.endedAt !== null, isFinal(life.state))
      }
    }), { arbitrary: { runs: 60 }, timeout: Duration.toMillis("60 seconds") })
}
