import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { keptBytes, lastLines } from "../../../src/domain/causes/lastLines.ts"
import { Failure } from "../../../src/domain/Failure.ts"

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

describe("the last lines that are kept", () => {
  it("are all of few, without the empty end", () => {
    assert.strictEqual(lastLines("a\n b\n\n"), "a\n b")
    assert.strictEqual(lastLines(" \n"), "")
  })

  it("are whole lines of many", () => {
    const kept = lastLines(Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join(""))
    assert.match(kept, /^line \d+\n[^]*\nline 999$/)
    assert.isAtMost(bytesOf(kept), keptBytes)
    assert.isAbove(bytesOf(kept), keptBytes - 40)
  })

  it("are the end of one that is too long, also where it cuts a letter", () => {
    for (const long of ["x".repeat(9000), `${"é".repeat(5000)}x`, "€".repeat(3000), "🙂".repeat(3000)]) {
      const kept = lastLines(long)
      assert.isAtMost(bytesOf(kept), keptBytes)
      assert.isTrue(long.endsWith(kept.replace(/^\uFFFD+/, "")))
    }
  })

  it("can stand in any database", () => assert.strictEqual(lastLines("a\0b"), "a\uFFFDb"))

  it("can be kept with a failure, whatever was said", () => {
    for (const text of ["\0".repeat(9000), "🙂\n".repeat(3000), "x"]) {
      const failure = { _tag: "ScriptExited", code: 1, tail: lastLines(text) } as const
      assert.deepStrictEqual(Schema.decodeUnknownSync(Failure)(failure), failure)
    }
  })
})

describe("failures that were stored before", () => {
  it("decode as they were", () => {
    for (const stored of [{ _tag: "ScriptExited", code: 3 }, { _tag: "ScriptSignaled", signal: 9 }]) {
      assert.deepStrictEqual(Schema.decodeUnknownSync(Failure)(stored), stored as Failure)
    }
  })
})
