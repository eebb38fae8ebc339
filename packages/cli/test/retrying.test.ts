import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { makeTeller } from "../src/output/retrying.ts"

const heard = () => {
  const lines: Array<string> = []
  return { lines, tell: makeTeller((line) => Effect.sync(() => void lines.push(line))) }
}

describe("a lost connection", () => {
  it.effect("is told once for all calls that lost it", () =>
    Effect.gen(function*() {
      const { lines, tell } = heard()
      for (const number of [1, 1, 1, 2, 1, 2, 3]) yield* tell({ try: number, of: 5 })
      assert.deepStrictEqual(lines, [1, 2, 3].map((number) => `Connection lost. Retrying… (${number}/5)`))
    }))

  it.effect("is told again when it was lost again", () =>
    Effect.gen(function*() {
      const { lines, tell } = heard()
      for (const number of [1, 2]) yield* tell({ try: number, of: 5 })
      yield* TestClock.adjust("11 seconds")
      yield* tell({ try: 1, of: 5 })
      assert.deepStrictEqual(lines.at(-1), "Connection lost. Retrying… (1/5)")
      assert.strictEqual(lines.length, 3)
    }))
})
