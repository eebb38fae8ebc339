import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { executionId } from "rgrid/domain/Id"
import { encode } from "rgrid/domain/LogFrame"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import * as MemoryLogStore from "rgrid/grid/MemoryLogStore"
import * as MemoryObjectStore from "rgrid/grid/MemoryObjectStore"
import { remove } from "rgrid/grid/remove"
import { retry } from "rgrid/grid/retry"
import { appendStdin, endStdin, readStdin, StdinFlows } from "rgrid/grid/stdin"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"
import { accept, newAccount, newClaimant, tagOf } from "../../src/testing/executionStore/fixtures.ts"

const services = Layer.mergeAll(
  MemoryStores.layer,
  MemoryLogStore.layer,
  MemoryObjectStore.layer,
  StdinFlows.layer
)

const account = newAccount()
const line = encode({ stream: "stdout", seq: 0, time: 0, offset: 0, bytes: new TextEncoder().encode("a line") })

/** One that was sent a line, and has ended. */
const ended = Effect.fnUntraced(function*(isWhole: boolean) {
  const { id } = yield* accept(account, { stdin: "streamed" })
  yield* appendStdin(account, id, 0, line)
  if (isWhole) yield* endStdin(account, id)
  yield* ExecutionStore.use((store) => store.cancel(account, id))
  return id
})

describe("a retry", () => {
  it.effect("reads the stdin of its original, though that is deleted", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const original = yield* ended(true)
      const again = yield* retry(account, original, { id: executionId(1), over: {} })
      yield* remove(account, original)
      const [claim] = yield* store.claim(newClaimant(), 1)
      assert.strictEqual(claim?.execution, again.id)
      const read = yield* readStdin(claim!, 0, Duration.seconds(1))
      assert.deepStrictEqual([new TextDecoder().decode(read.bytes), read.ended], ["a line", true])
    }).pipe(Effect.provide(services)))

  it.effect("is refused when stdin broke off", () =>
    Effect.gen(function*() {
      const original = yield* ended(false)
      assert.strictEqual(yield* tagOf(retry(account, original, { id: executionId(1), over: {} })), "NotRepeatable")
    }).pipe(Effect.provide(services)))
})
