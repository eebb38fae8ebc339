import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { type AccountId, executionId, type ExecutionId } from "rgrid/domain/Id"
import { jobSpec } from "rgrid/domain/JobSpec"
import { encode, maxPayloadBytes } from "rgrid/domain/LogFrame"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import * as MemoryLogStore from "rgrid/grid/MemoryLogStore"
import { abandonment, appendStdin, endStdin, readStdin, StdinFlows } from "rgrid/grid/stdin"
import { newClaimant } from "../../src/testing/executionStore/fixtures.ts"
import { ExecutionStore } from "rgrid/ports/ExecutionStore"

const services = Layer.mergeAll(MemoryStores.layer, MemoryLogStore.layer, StdinFlows.layer)
const account = "acct_stdin" as AccountId
const claimant = newClaimant()
const wait = Duration.seconds(20)

const running = Effect.gen(function*() {
  const store = yield* ExecutionStore
  const spec = jobSpec({ runtime: "bash", script: "a.sh", interpreter: ["bash"], cwd: "/w", stdin: "streamed" })
  const { execution } = yield* store.accept({ id: executionId(1), account, spec })
  const [claim] = yield* store.claim(claimant, 1)
  return { id: execution.id, attempt: { execution: execution.id, fence: claim!.fence } }
})

const frame = (text: string, seq = 0) =>
  encode({ stream: "stdout", seq, time: 0, offset: 0, bytes: new TextEncoder().encode(text) })

const text = ({ bytes }: { readonly bytes: Uint8Array }) => new TextDecoder().decode(bytes)

const mebibytes = 1024 * 1024

/** Sends as long as it is taken at once. */
const flood = (id: ExecutionId) =>
  Effect.gen(function*() {
    const one = Buffer.concat(Array.from({ length: 16 }, () => frame("x".repeat(maxPayloadBytes))))
    let at = 0
    while (at <= 64 * mebibytes) at = (yield* appendStdin(account, id, at, one)).length
    return at
  })

describe("streamed stdin", () => {
  it.effect("is read from its start by every attempt, and ends for each", () =>
    Effect.gen(function*() {
      const { attempt, id } = yield* running
      const { length } = yield* appendStdin(account, id, 0, frame("one "))
      yield* appendStdin(account, id, length, frame("two", 1))
      const first = yield* readStdin(attempt, 0, wait)
      assert.deepStrictEqual([text(first), first.ended], ["one two", false])
      yield* endStdin(account, id)
      yield* endStdin(account, id)
      const again = yield* readStdin(attempt, 0, wait)
      assert.deepStrictEqual([text(again), again.ended], ["one two", true])
      const rest = yield* readStdin(attempt, first.next, wait)
      assert.deepStrictEqual([text(rest), rest.ended], ["", true])
    }).pipe(Effect.provide(services)))

  it.effect("wakes whoever waits for it", () =>
    Effect.gen(function*() {
      const { attempt, id } = yield* running
      const reading = yield* Effect.forkChild(readStdin(attempt, 0, wait))
      yield* Effect.yieldNow
      yield* appendStdin(account, id, 0, frame("late"))
      assert.strictEqual(text(yield* Fiber.join(reading)), "late")
    }).pipe(Effect.provide(services)))

  it.effect("answers empty after a while, so that nobody holds a connection for good", () =>
    Effect.gen(function*() {
      const { attempt } = yield* running
      const reading = yield* Effect.forkChild(readStdin(attempt, 0, wait))
      yield* TestClock.adjust(wait)
      assert.deepStrictEqual(yield* Fiber.join(reading), { bytes: Buffer.alloc(0), next: 0, ended: false })
    }).pipe(Effect.provide(services)))

  it.effect("takes 64 MiB ahead of the script and no more until it reads", () =>
    Effect.gen(function*() {
      const { attempt, id } = yield* running
      const full = yield* flood(id)
      assert.isBelow(full, 66 * mebibytes)
      const refused = yield* Effect.forkChild(appendStdin(account, id, full, frame("too much")))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* Fiber.join(refused), { length: full, wanted: true })
      const page = yield* readStdin(attempt, 0, wait)
      yield* readStdin(attempt, page.next, wait)
      yield* readStdin(attempt, 4 * page.next, wait)
      const more = yield* appendStdin(account, id, full, frame("goes on"))
      assert.isAbove(more.length, full)
    }).pipe(Effect.provide(services)))

  it.effect("ends when its client has been silent for long, and not while it is heard", () =>
    Effect.gen(function*() {
      const { attempt, id } = yield* running
      const look = Effect.gen(function*() {
        const reading = yield* Effect.forkChild(readStdin(attempt, 0, wait))
        yield* TestClock.adjust(wait)
        return (yield* Fiber.join(reading)).ended
      })
      yield* look
      yield* TestClock.adjust(Duration.subtract(abandonment, Duration.minutes(1)))
      yield* appendStdin(account, id, 0, new Uint8Array(0))
      yield* TestClock.adjust(Duration.subtract(abandonment, Duration.minutes(1)))
      assert.isFalse(yield* look)
      yield* TestClock.adjust(Duration.minutes(2))
      assert.isTrue(yield* look)
    }).pipe(Effect.provide(services)))

  it.effect("is wanted by nobody once the execution has ended", () =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const { attempt, id } = yield* running
      yield* store.cancel(account, id)
      yield* store.settle(attempt, {
        ending: { state: "canceled", failure: { _tag: "Canceled" } },
        exitCode: null,
        usage: null,
        manifest: { outputs: [], deleted: [], skipped: [] },
        log: { stdoutBytes: 0, stderrBytes: 0, length: 0, sha256: "0".repeat(64) as never }
      })
      assert.isFalse((yield* appendStdin(account, id, 0, frame("too late"))).wanted)
    }).pipe(Effect.provide(services)))

  it.effect("belongs to its account", () =>
    Effect.gen(function*() {
      const { id } = yield* running
      const strange = yield* Effect.flip(appendStdin("acct_other" as AccountId, id, 0, frame("x")))
      assert.strictEqual(strange._tag, "UnknownExecution")
    }).pipe(Effect.provide(services)))
})
