/** The WebSocket that reads a log: every byte once, whatever is cut; never more of them than the reader asked for. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { isFinal } from "rgrid/domain/ExecutionState"
import type { Assignment } from "rgrid/api/RunnerProtocol"
import { frames } from "./frames.ts"
import { server } from "./harness.ts"
import { open, readSome } from "./reader.ts"
import { append, assigned, say, settlement } from "./runner.ts"

const window = 1024 * 1024
const everything = Number.POSITIVE_INFINITY

/** Appends a log a mebibyte at a time, as a runner in a flood does. */
const ship = Effect.fnUntraced(function*(assignment: Assignment, log: Uint8Array) {
  const frame = 32 + 32 * 1024
  const step = frame * 31
  for (let at = 0; at < log.length; at += step) {
    const { status } = yield* append(assignment, at, log.subarray(at, at + step))
    assert.strictEqual(status, 200)
  }
})

const settle = (assignment: Assignment, log: Uint8Array) =>
  say(assignment, "settle", settlement(log, { offset: log.length, frames: new Uint8Array(0) }))

/** Not `deepEqual`: a difference in fifty megabytes is not for reading. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

describe("the log stream", () => {
  it.live("gives the same 50 MB to a reader that is cut off ten times, while they are written and settled", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const log = frames(1536, 32 * 1024)
      const writing = yield* Effect.forkChild(Effect.andThen(ship(assignment, log), settle(assignment, log)))
      const got: Array<Uint8Array> = []
      let offset = 0
      for (let cut = 0; cut < 10; cut++) {
        const most = 1 + Math.floor(Math.random() * (log.length / 12))
        const part = yield* readSome(assignment.execution, { attempt: 1, offset }, window, most)
        got.push(...part.bytes)
        offset += part.length
      }
      const rest = yield* readSome(assignment.execution, { attempt: 1, offset }, window, everything)
      yield* Fiber.join(writing)
      const end = rest.said.at(-1)
      assert.isTrue(end?._tag === "End" && isFinal(end.execution.state))
      assert.isTrue(same(Buffer.concat([...got, ...rest.bytes]), log))
    }).pipe(Effect.scoped, Effect.provide(server)), 120_000)

  it.live("gives the sealed log again from any offset", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const log = frames(600, 32 * 1024)
      yield* ship(assignment, log)
      yield* settle(assignment, log)
      const border = 8 * 1024 * 1024
      for (const offset of [0, 1, border - 1, border, border + 1, log.length - 1, log.length]) {
        const { bytes } = yield* readSome(assignment.execution, { attempt: 1, offset }, window, everything)
        assert.isTrue(same(Buffer.concat([...bytes]), log.subarray(offset)), `from ${offset}`)
      }
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("sends exactly what was granted to a reader that grants no more", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const log = frames(200, 32 * 1024)
      yield* ship(assignment, log)
      const reader = yield* open(assignment.execution, { attempt: 1, offset: 0 })
      let length = 0
      const reading = yield* reader.pull.pipe(
        Effect.map((messages) => {
          for (const message of messages) if (typeof message !== "string") length += message.length
        }),
        Effect.forever,
        Effect.ignore,
        Effect.forkScoped
      )
      for (const granted of [100_000, 100_001, 200_000]) {
        yield* reader.grant(granted - length)
        yield* Effect.sleep("400 millis")
        assert.strictEqual(length, granted)
      }
      yield* Fiber.interrupt(reading)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("tells a waiting reader each line as it comes, and the end of a script that says nothing more", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const reading = yield* Effect.forkChild(
        readSome(assignment.execution, { attempt: 0, offset: 0 }, window, everything)
      )
      const log = frames(3, 20)
      for (let at = 0; at < log.length; at += log.length / 3) {
        yield* append(assignment, at, log.subarray(at, at + log.length / 3))
        yield* Effect.sleep("50 millis")
      }
      const settled = Date.now()
      yield* settle(assignment, log)
      const { bytes, said } = yield* Fiber.join(reading)
      assert.isBelow(Date.now() - settled, 1000)
      assert.isTrue(same(Buffer.concat([...bytes]), log))
      assert.deepStrictEqual(said.map(({ _tag }) => _tag), ["Attempt", "End"])
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("goes on with the next attempt's log from its first byte", () =>
    Effect.gen(function*() {
      const { assignment, runner } = yield* assigned("1")
      const [first, second] = [frames(2, 100), frames(3, 200)]
      yield* append(assignment, 0, first)
      const reading = yield* Effect.forkChild(
        readSome(assignment.execution, { attempt: 1, offset: 0 }, window, everything)
      )
      yield* Effect.sleep("100 millis")
      yield* say(assignment, "lose", { detail: "disk full" })
      yield* runner.say({ _tag: "Ask", free: 1 })
      const { attempts: [next] } = yield* runner.hear("Assign")
      yield* append(next!, 0, second)
      yield* settle(next!, second)
      const { bytes, said } = yield* Fiber.join(reading)
      assert.isTrue(same(Buffer.concat([...bytes]), Buffer.concat([first, second])))
      const attempts = said.flatMap((message) => message._tag === "Attempt" ? [message.attempt] : [])
      assert.strictEqual(attempts.at(-1), 2)
      assert.strictEqual(said.at(-1)?._tag, "End")
    }).pipe(Effect.scoped, Effect.provide(server)))
})
