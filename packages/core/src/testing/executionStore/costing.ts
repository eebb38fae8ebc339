/** What executions cost: once an attempt, lost ones too, and never again for what is told twice. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { costOf } from "../../domain/Money.ts"
import {
  accept,
  drained,
  type Methods,
  newAccount,
  newClaimant,
  type Options,
  placed,
  settlement,
  tagOf
} from "./fixtures.ts"

/** So dear that a microsecond costs something, and shared so that the rounding shows. */
const price = { hourlyMicros: 99_999_999_999, slots: 7 }

const ever = { from: 0, until: 4_000_000_000_000 }

export const costing = <R>(it: Methods<R>, { expire, tick }: Options<R, unknown>) => {
  const claimDear = Effect.gen(function*() {
    const store = yield* drained(expire)
    const account = newAccount()
    const { id } = yield* accept(account)
    const [claim] = yield* store.claim(newClaimant({ price }), 1)
    return { store, account, id, claim: claim! }
  })

  it.effect("charges the slot's time at the worker's price, in the settling transaction, once", () =>
    Effect.gen(function*() {
      const { account, claim, id, store } = yield* claimDear
      assert.deepStrictEqual((yield* store.find(account, id)).cost, { micros: 0, phase: "estimated", price })
      yield* tick
      const { execution } = yield* store.settle(claim, settlement())
      const [charge] = yield* store.charges(account, ever, { limit: 10 })
      assert.isAbove(charge!.microseconds, 0)
      assert.strictEqual(charge!.micros, costOf(charge!.microseconds, price))
      assert.deepStrictEqual(execution.cost, { micros: charge!.micros, phase: "estimated", price })
      yield* tick
      assert.isTrue((yield* store.settle(claim, settlement())).duplicate)
      assert.deepStrictEqual((yield* store.find(account, id)).cost, execution.cost)
    }))

  it.effect("charges an attempt that was lost, and what follows it on top", () =>
    Effect.gen(function*() {
      const { account, claim, id, store } = yield* claimDear
      yield* tick
      yield* store.lose(claim, "gone")
      const lost = (yield* store.find(account, id)).cost.micros
      assert.isAbove(lost, 0)
      assert.strictEqual(yield* tagOf(store.lose(claim, "gone")), "StaleAttempt")
      yield* tick
      assert.strictEqual((yield* store.find(account, id)).cost.micros, lost)
      const [second] = yield* store.claim(newClaimant({ price }), 1)
      yield* tick
      const { execution } = yield* store.settle(second!, settlement())
      assert.isAbove(execution.cost.micros, lost)
    }))

  it.effect("charges nothing for waiting, and nothing where the price is nothing", () =>
    Effect.gen(function*() {
      yield* drained(expire)
      const { account, claim, id, store } = yield* placed()
      const waiting = yield* accept(account)
      yield* tick
      yield* store.settle(claim, settlement())
      yield* store.cancel(account, waiting.id)
      for (const each of [id, waiting.id]) assert.strictEqual((yield* store.find(account, each)).cost.micros, 0)
      assert.isNull((yield* store.find(account, waiting.id)).cost.price)
    }))

  it.effect("adds up what ended in each stretch of time, for its owner only", () =>
    Effect.gen(function*() {
      const { account, claim, store } = yield* claimDear
      yield* tick
      yield* store.settle(claim, settlement())
      const [first] = yield* store.charges(account, ever, { limit: 10 })
      const { id } = yield* accept(account)
      const [claimed] = yield* store.claim(newClaimant({ price }), 1)
      yield* tick
      yield* store.settle(claimed!, settlement())
      yield* accept(account)
      const [second, ...rest] = yield* store.charges(account, ever, { limit: 10 })
      assert.strictEqual(second!.execution, id)
      assert.deepStrictEqual(rest, [first])
      assert.deepStrictEqual(yield* store.charges(account, ever, { limit: 5, before: id }), [first!])
      assert.deepStrictEqual(yield* store.charges(account, ever, { limit: 1 }), [second!])
      const nothing = { executions: 0, microseconds: 0, micros: 0 }
      const sum = {
        executions: 2,
        microseconds: first!.microseconds + second!.microseconds,
        micros: first!.micros + second!.micros
      }
      const stretches = [{ from: 0, until: first!.endedAt }, ever, { from: second!.endedAt + 1, until: ever.until }]
      assert.deepStrictEqual(yield* store.costs(account, stretches), [nothing, sum, nothing])
      assert.deepStrictEqual(yield* store.costs(newAccount(), [ever]), [nothing])
      assert.deepStrictEqual(yield* store.costs(account, []), [])
    }))
}
