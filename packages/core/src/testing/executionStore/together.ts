/** Calls at the same moment: what one of them meets is its own. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { emptyManifest } from "../../domain/Execution.ts"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"
import { accept, drained, type Methods, newAccount, newClaimant, newId, type Options, settlement, spec } from "./fixtures.ts"

const all = <A, E, R>(calls: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(calls.map((call) => Effect.exit(call)), { concurrency: "unbounded" })

const succeeded = <A, E>(exits: ReadonlyArray<Exit.Exit<A, E>>): ReadonlyArray<A> =>
  exits.flatMap((exit) => Exit.isSuccess(exit) ? [exit.value] : [])

const tags = <A, E extends { readonly _tag: string }>(exits: ReadonlyArray<Exit.Exit<A, E>>): ReadonlyArray<string> =>
  exits.map((exit) => Exit.isSuccess(exit) ? "ok" : exit.cause.reasons.map((one) => one._tag === "Fail" ? one.error._tag : one._tag).join())

export const together = <R>(it: Methods<R>, { expire }: Options<R, unknown>) => {
  it.effect("accepts what comes at the same moment, each for its own account and by its own key", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const accounts = [newAccount(), newAccount()] as const
      const ask = (account: (typeof accounts)[number], arg: string, idempotencyKey?: string) =>
        store.accept({
          id: newId(),
          account,
          spec: spec({ args: [arg], env: { [`NAME_${arg}`]: "1" }, metadata: { arg } }),
          ...(idempotencyKey === undefined ? {} : { idempotencyKey })
        })
      const [one, two] = accounts
      const answers = yield* all([
        ...Array.from({ length: 10 }, (_, i) => [ask(one, `a${i}`), ask(two, `b${i}`)]).flat(),
        ask(one, "same", "key"), ask(one, "same", "key"), ask(one, "other", "key"), ask(two, "other", "key")
      ])
      const fates = tags(answers)
      // Of the three with one account's key, whoever is first decides which job the key stands for.
      assert.include([1, 2], fates.filter((tag) => tag === "IdempotencyConflict").length)
      assert.deepStrictEqual(fates.slice(0, 20), Array.from({ length: 20 }, () => "ok"))
      assert.strictEqual(fates.at(-1), "ok")
      const executions = succeeded(answers).map(({ execution }) => execution)
      assert.strictEqual(new Set(executions.map(({ id }) => id)).size, 22)
      for (const { args, env, metadata } of executions) {
        assert.deepStrictEqual([env, metadata], [[`NAME_${args[0]}`], { arg: args[0] }])
      }
      for (const [account, letter] of [[one, "a"], [two, "b"]] as const) {
        const own = (yield* store.list(account, { limit: 100 })).map(({ args }) => args[0] ?? "")
        assert.deepStrictEqual(own.filter((arg) => arg.startsWith(letter)).length, 10)
        assert.strictEqual(own.length, 11)
      }
      const found = yield* store.list(two, { limit: 10, metadata: [["arg", "b3"]] })
      assert.deepStrictEqual(found.map(({ args }) => args), [["b3"]])
      assert.strictEqual((yield* store.claim(newClaimant(), 100)).length, 22)
    }))

  it.effect("settles what ends at the same moment, and only what still holds its execution", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const accounts = [newAccount(), newAccount()]
      yield* Effect.forEach(Array.from({ length: 24 }), (_, i) => accept(accounts[i % 2]!), { discard: true })
      const claims = yield* store.claim(newClaimant(), 24)
      const [lost, ...held] = claims
      yield* store.lose(lost!, "died")
      const [again] = yield* store.claim(newClaimant(), 1)
      const settled = yield* all([
        store.settle(lost!, settlement()),
        ...held.map((claim, i) => store.settle(claim, settlement({ exitCode: i }))),
        store.settle({ execution: newId(), fence: 1 }, settlement()),
        store.settle(held[0]!, settlement({ exitCode: 99 }))
      ])
      const stale = (tag: string) => tag === "StaleAttempt"
      assert.deepStrictEqual(tags(settled).map(stale), [true, ...held.map(() => false), true, false])
      const answers = succeeded(settled)
      assert.strictEqual(answers.filter(({ duplicate }) => duplicate).length, 1)
      for (const [i, claim] of held.entries()) {
        const { exitCode, state } = yield* store.find(claim.account, claim.execution)
        assert.strictEqual(state, "completed")
        if (i > 0) assert.strictEqual(exitCode, i)
      }
      assert.deepInclude(yield* store.find(again!.account, again!.execution), { state: "leased", attempt: 2 })
      assert.deepStrictEqual(yield* store.manifest(held[1]!.account, held[1]!.execution), emptyManifest)
    }))

  it.effect("starts, loses and settles at the same moment, each its own", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      yield* drained(expire)
      const account = newAccount()
      yield* Effect.forEach(Array.from({ length: 9 }), () => accept(account, { retries: 0 }), { discard: true })
      const claims = yield* store.claim(newClaimant(), 9)
      const written = yield* all(claims.map((claim, i) => {
        if (i % 3 === 0) return Effect.asVoid(store.started(claim))
        return i % 3 === 1 ? Effect.asVoid(store.lose(claim, `died ${i}`)) : Effect.asVoid(store.settle(claim, settlement({ exitCode: i })))
      }))
      assert.deepStrictEqual(tags(written), claims.map(() => "ok"))
      for (const [i, { execution }] of claims.entries()) {
        const { exitCode, failure, state } = yield* store.find(account, execution)
        assert.strictEqual(state, ["running", "failed", "completed"][i % 3])
        assert.strictEqual(exitCode, i % 3 === 2 ? i : null)
        if (i % 3 === 1) assert.deepInclude(failure, { detail: `died ${i}` })
      }
    }))
}
