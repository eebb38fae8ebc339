/** What one server changes, it hears at once; others on the same database hear it too, and once. */
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { ExecutionId } from "rgrid/domain/Id"
import { ExecutionStore, type Hint } from "rgrid/ports/ExecutionStore"
import * as Contract from "rgrid/testing/ExecutionStoreContract"
import { eventually } from "rgrid/testing/SandboxContract"
import { PostgresServer } from "../../src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { embedded, storeSettings } from "./fixtures.ts"

const listening = Effect.gen(function*() {
  const { ownerUrl } = yield* PostgresServer
  const store = Context.get(yield* Layer.build(PostgresStores.layerUrl(ownerUrl, storeSettings)), ExecutionStore)
  const heard: Array<Hint> = []
  yield* Effect.forkScoped(Stream.runForEach(store.hints, (hint) => Effect.sync(() => heard.push(hint))))
  const changes = () => heard.flatMap((hint) => hint._tag === "Changed" ? [hint.execution] : [])
  return { store, changes }
})

layer(embedded, { timeout: "60 seconds", excludeTestServices: true })("hints", (it) => {
  it.effect("come from this server and from others, once each", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* listening, yield* listening]
      const account = Contract.newAccount()
      const change = Effect.fnUntraced(function*({ store }: typeof one) {
        const { execution: { id } } = yield* store.accept({ id: Contract.newId(), account, spec: Contract.spec() })
        yield* store.cancel(account, id)
        return id
      })
      // What is told before the other listens may be missed.
      const early: Array<ExecutionId> = []
      yield* eventually("both listen", async () => {
        early.push(await Effect.runPromise(change(one)), await Effect.runPromise(change(other)))
        const hears = ({ changes }: typeof one, from: number) =>
          early.some((id, index) => index % 2 === from && changes().includes(id))
        return hears(other, 0) && hears(one, 1)
      })
      const ids = [yield* change(one), yield* change(other)]
      for (const { changes } of [one, other]) {
        yield* eventually("it is heard", () => ids.every((id) => changes().includes(id)))
      }
      // What comes later has come behind whatever might have come twice.
      const last = yield* change(one)
      yield* eventually("the last is heard", () => [one, other].every(({ changes }) => changes().includes(last)))
      for (const { changes } of [one, other]) {
        assert.deepStrictEqual(changes().filter((id) => ids.includes(id)).length, ids.length)
      }
    }).pipe(Effect.scoped), 60_000)
})
