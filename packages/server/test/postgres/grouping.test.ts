/** Who goes with whom, and who answers for whom. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { grouping } from "../../src/adapters/postgres/grouping.ts"

/** A verb over text: groups wait at a door, `bad` dies, `no` is refused, `later` is answered the second time. */
const verb = Effect.gen(function*() {
  const scope = yield* Effect.scope
  const door = yield* Deferred.make<void>()
  const groups: Array<ReadonlyArray<string>> = []
  const later = new Set<string>()
  const answerOf = (call: string) => {
    if (call === "no") return Exit.fail("refused")
    if (call !== "later" || later.has(call)) return Exit.succeed(call.toUpperCase())
    later.add(call)
    return undefined
  }
  const ask = grouping<string, string, string>(scope, {
    keyOf: (call) => call[0],
    lengthOf: (call) => call.startsWith("x") ? 15_000 : 0,
    run: (calls) => {
      groups.push(calls)
      const answers = Effect.suspend(() => calls.includes("bad") ? Effect.die("never") : Effect.succeed(calls.map(answerOf)))
      return Effect.andThen(Deferred.await(door), answers)
    }
  })
  const begin = (call: string) => Effect.forkChild(Effect.exit(ask(call)), { startImmediately: true })
  /** Fills what may be under way at once. */
  const crowd = Effect.gen(function*() {
    for (const call of ["1", "2"]) {
      yield* begin(call)
      yield* Effect.yieldNow
      yield* Effect.yieldNow
    }
  })
  return { groups, begin, crowd, open: Deferred.succeed(door, undefined) }
})

describe("calls that come together", () => {
  it.effect("wait only for those before them, and go with all that have the same key", () =>
    Effect.gen(function*() {
      const { begin, crowd, groups, open } = yield* verb
      yield* crowd
      assert.deepStrictEqual(groups, [["1"], ["2"]])
      const asked = yield* Effect.forEach(["a1", "b1", "a2", "a3"], begin)
      yield* open
      const answers = yield* Effect.forEach(asked, Fiber.join)
      assert.deepStrictEqual(answers, ["A1", "B1", "A2", "A3"].map((answer) => Exit.succeed(answer)))
      assert.deepStrictEqual(groups.slice(2), [["a1", "a2", "a3"], ["b1"]])
    }).pipe(Effect.scoped))

  it.effect("answer each for itself, and die alone", () =>
    Effect.gen(function*() {
      const { begin, crowd, open } = yield* verb
      yield* crowd
      const asked = yield* Effect.forEach(["b", "bad", "bc", "no", "later"], begin)
      yield* open
      const [b, bad, bc, no, later] = yield* Effect.forEach(asked, Fiber.join)
      assert.deepStrictEqual([b, bc, later], [Exit.succeed("B"), Exit.succeed("BC"), Exit.succeed("LATER")])
      assert.deepStrictEqual(no, Exit.fail("refused"))
      assert.isTrue(Exit.hasDies(bad!))
    }).pipe(Effect.scoped))

  it.effect("are not made when their caller has gone before, and not too large", () =>
    Effect.gen(function*() {
      const { begin, crowd, groups, open } = yield* verb
      yield* crowd
      const [gone, ...asked] = yield* Effect.forEach(["x0", "x1", "x2"], begin)
      yield* Fiber.interrupt(gone!)
      yield* open
      yield* Effect.forEach(asked, Fiber.join)
      assert.deepStrictEqual(groups.slice(2), [["x1"], ["x2"]])
    }).pipe(Effect.scoped))
})
