/** Forgetting executions, and the parts that nobody pins any more. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Sha256 } from "../../domain/JobSpec.ts"
import { ExecutionStore } from "../../ports/ExecutionStore.ts"
import { accept, hash, type Methods, newAccount, newId, tagOf, withFile } from "./fixtures.ts"

export const removing = <R>(it: Methods<R>) => {
  it.effect("forgets what has ended, with the parts of it alone", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const [own, shared] = [{ sha256: hash(), size: 3 }, { sha256: hash(), size: 4 }]
      for (const part of [own, shared]) yield* store.recordPart(account, part)
      const stdin = { size: 4, sha256: shared.sha256, parts: [shared.sha256] }
      const first = yield* store.accept({ id: newId(), account, spec: withFile(own, { stdin }) })
      const second = yield* store.accept({ id: newId(), account, spec: withFile(shared) })
      const discarded: Array<Sha256> = []
      const removed = (id: typeof first.execution.id, owner = account) =>
        store.remove(owner, id, (parts) => Effect.sync(() => void discarded.push(...parts)))
      assert.strictEqual(yield* tagOf(removed(first.execution.id)), "NotEnded")
      for (const { execution } of [first, second]) yield* store.cancel(account, execution.id)
      assert.strictEqual(yield* tagOf(removed(first.execution.id, newAccount())), "UnknownExecution")
      yield* removed(first.execution.id)
      assert.deepStrictEqual(discarded, [own.sha256])
      assert.strictEqual(yield* tagOf(store.find(account, first.execution.id)), "UnknownExecution")
      assert.strictEqual(yield* tagOf(removed(first.execution.id)), "UnknownExecution")
      assert.deepStrictEqual(yield* store.storedParts(account, [own.sha256, shared.sha256]), new Set([shared.sha256]))
      yield* removed(second.execution.id)
      assert.deepStrictEqual(discarded, [own.sha256, shared.sha256])
      assert.deepStrictEqual(yield* store.list(account, { limit: 10 }), [])
    }))

  it.effect("forgets nothing when what it pins can't be discarded", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = newAccount()
      const { id } = yield* accept(account)
      yield* store.cancel(account, id)
      assert.strictEqual(yield* Effect.flip(store.remove(account, id, () => Effect.fail("away" as const))), "away")
      assert.strictEqual((yield* store.find(account, id)).id, id)
    }))
}
