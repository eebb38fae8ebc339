/** The job of an ended execution once more. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"
import { accept, drained, hash, type Methods, newAccount, newClaimant, newId, type Options, tagOf, withFile } from "./fixtures.ts"

const nothing = () => Effect.void

export const retrying = <R, E>(it: Methods<R>, { expire }: Options<R, E>) => {
  it.effect("accepts the job of an ended execution once more, with what it had and what is new", () =>
    Effect.gen(function*() {
      const store = yield* drained(expire)
      const account = newAccount()
      const part = { sha256: hash(), size: 3 }
      yield* store.recordPart(account, part)
      const spec = withFile(part, { env: { A: "1", B: "2" }, secrets: { TOKEN: "t" }, resources: { cpu: 2 } })
      const { execution: { id } } = yield* store.accept({ id: newId(), account, spec })
      yield* store.cancel(account, id)
      const over = { env: { B: "3", TOKEN: "new" }, resources: { memoryBytes: 2 ** 30 }, timeoutSeconds: 5 }
      const again = yield* store.retry(account, id, { id: newId(), over }, nothing)
      assert.deepInclude(again, { state: "queued", retryOf: id, env: ["A", "B", "TOKEN"], attempt: 0 })
      yield* store.remove(account, id, (parts) => Effect.sync(() => assert.deepStrictEqual(parts, [])))
      const [claim] = yield* store.claim(newClaimant(), 1)
      assert.deepStrictEqual(claim?.spec, {
        ...spec,
        env: { A: "1", B: "3" },
        secrets: { TOKEN: "new" },
        resources: { cpu: 2, memoryBytes: 2 ** 30 },
        timeoutSeconds: 5
      })
      assert.strictEqual((yield* store.find(account, again.id)).retryOf, id)
    }))

  it.effect("refuses what has not ended, is another's, or never came whole", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const { id } = yield* accept(account)
      const retried = (of: typeof id, owner = account) => store.retry(owner, of, { id: newId(), over: {} }, nothing)
      assert.strictEqual(yield* tagOf(retried(id)), "NotEnded")
      assert.strictEqual(yield* tagOf(retried(id, newAccount())), "UnknownExecution")
      const part = { sha256: hash(), size: 3 }
      const lacking = yield* store.accept({ id: newId(), account, spec: withFile(part) })
      yield* store.cancel(account, lacking.execution.id)
      assert.strictEqual(yield* tagOf(retried(lacking.execution.id)), "NotRepeatable")
      assert.strictEqual((yield* store.list(account, { limit: 10 })).length, 2)
    }))

  it.effect("gives the same retry for the same key, and one key for no other", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const [one, other] = [yield* accept(account), yield* accept(account)]
      for (const { id } of [one, other]) yield* store.cancel(account, id)
      const retried = (of: typeof one) =>
        store.retry(account, of.id, { id: newId(), over: {}, idempotencyKey: "again" }, nothing)
      const first = yield* retried(one)
      assert.strictEqual((yield* retried(one)).id, first.id)
      assert.strictEqual(yield* tagOf(retried(other)), "IdempotencyConflict")
    }))

  it.effect("accepts nothing when what goes before fails", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const { id } = yield* accept(account)
      yield* store.cancel(account, id)
      const failing = store.retry(account, id, { id: newId(), over: {} }, () => Effect.fail("away" as const))
      assert.strictEqual(yield* Effect.flip(failing), "away")
      assert.strictEqual((yield* store.list(account, { limit: 10 })).length, 1)
    }))
}
