import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as input from "../src/input.ts"

const refused = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

describe("values", () => {
  it.effect("reads memory in powers of 1024", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* input.memory("2g"), 2 * 1024 ** 3)
      assert.strictEqual(yield* input.memory("512M"), 512 * 1024 ** 2)
      assert.strictEqual(yield* input.memory("1.5GiB"), 1.5 * 1024 ** 3)
      for (const wrong of ["", "2x", "1m", "-2g", "g"]) {
        assert.strictEqual(yield* refused(input.memory(wrong)), "BadInput")
      }
    }))
  it.effect("reads how long a grid stays without work, and says it as it is typed", () =>
    Effect.gen(function*() {
      for (const text of ["never", "30m", "2h", "90s", "1d"]) {
        assert.strictEqual(input.idleWords(yield* input.idle(text)), text)
      }
      for (const wrong of ["", "0", "soon", "400d"]) assert.strictEqual(yield* refused(input.idle(wrong)), "BadInput")
    }))
  it.effect("reads amounts of money without loss", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* input.hourlyCost("0.0119"), 11_900)
      for (const wrong of ["", "1,19", "-1", "0.00000001"]) {
        assert.strictEqual(yield* refused(input.hourlyCost(wrong)), "BadInput")
      }
    }))
  it.effect("reads times", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* Effect.forEach(["90", "90s", "5m", "1h30m", "0.5"], input.timeout),
        [90, 90, 300, 5400, 1]
      )
      for (const wrong of ["", "0", "5x", "m", "-1"]) {
        assert.strictEqual(yield* refused(input.timeout(wrong)), "BadInput")
      }
    }))
  it.effect("reads variables, or takes the caller's own", () =>
    Effect.gen(function*() {
      const own = { HOME: "/h", EMPTY: "" }
      assert.deepStrictEqual(yield* input.variables(["A=1=2", "HOME", "EMPTY", "B="], own), {
        A: "1=2",
        HOME: "/h",
        EMPTY: "",
        B: ""
      })
      assert.strictEqual(yield* refused(input.variables(["1A=3"], own)), "MalformedEnv")
      assert.strictEqual(yield* refused(input.variables(["NONE"], own)), "BadInput")
    }))
  it.effect("never shows the value of a malformed pair", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(input.variables(["API-KEY=hunter2"], {}))
      assert.notInclude(JSON.stringify(error), "hunter2")
    }))
})
