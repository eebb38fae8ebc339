import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as BatchStoreContract from "rgrid/testing/BatchStoreContract"
import * as ExecutionStoreContract from "rgrid/testing/ExecutionStoreContract"
import * as IdentityContract from "rgrid/testing/IdentityContract"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { embedded, owner, storeSettings } from "./fixtures.ts"

const layer = PostgresStores.layer(storeSettings).pipe(Layer.provideMerge(embedded))

const expire = Effect.gen(function*() {
  const sql = yield* owner
  yield* sql`update executions set lease_until = now() - interval '1 second' where lease_until is not null`
  yield* sql`update executions set upload_deadline = now() - interval '1 second' where state = 'uploading'`
}).pipe(Effect.scoped, Effect.orDie)

ExecutionStoreContract.suite("postgres", {
  layer,
  expire,
  tick: Effect.sleep("5 millis"),
  testClock: false
})
IdentityContract.suite("postgres", { layer, testClock: false })
BatchStoreContract.suite("postgres", { layer, expire, pass: (millis) => Effect.sleep(millis), testClock: false })
