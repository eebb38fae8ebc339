import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { type BatchAsked, isBatch, optionsOf, refuseBatchFlags } from "../src/commands/batchFlags.ts"

const asked = (over: Partial<BatchAsked>): BatchAsked => ({
  batch: [],
  batchFrom: Option.none(),
  parallel: Option.none(),
  halt: Option.none(),
  failOn: Option.none(),
  isolation: Option.none(),
  resume: false,
  flat: false,
  timeout: Option.none(),
  ...over
})

const options = (over: Partial<BatchAsked>) => Effect.runSync(optionsOf(asked(over)))
const refused = (over: Partial<BatchAsked>) => Effect.runSync(Effect.flip(optionsOf(asked(over)))).what

describe("what a batch is told", () => {
  it("is nothing but that failures count when all fail", () => {
    assert.deepStrictEqual(options({}), { failOn: "all", resume: false })
  })
  it("is each of its flags", () => {
    const over = {
      parallel: Option.some(50),
      halt: Option.some("soon,fail=5%"),
      failOn: Option.some("any" as const),
      resume: true,
      timeout: Option.some("200%")
    }
    assert.deepStrictEqual(options(over), {
      parallel: 50,
      halt: { when: "soon", on: "fail", amount: 5, unit: "percent" },
      failOn: "any",
      resume: true,
      timeoutPercent: 200
    })
  })
  it("leaves a timeout that is a time to the job", () => {
    assert.notProperty(options({ timeout: Option.some("5m") }), "timeoutPercent")
  })
  it("is refused where it makes no sense", () => {
    assert.include(refused({ parallel: Option.some(0) }), "--parallel 0")
    assert.include(refused({ halt: Option.some("now") }), "--halt now")
    assert.include(refused({ timeout: Option.some("100%") }), "--timeout 100%")
  })
})

describe("flags of a batch", () => {
  const what = (over: Partial<BatchAsked>) => Effect.runSync(Effect.flip(refuseBatchFlags(asked(over)))).what
  it("are refused without items, each by its name", () => {
    assert.include(what({ parallel: Option.some(5) }), "--parallel")
    assert.include(what({ halt: Option.some("now,fail=1") }), "--halt")
    assert.include(what({ failOn: Option.some("all") }), "--fail-on")
    assert.include(what({ isolation: Option.some("batch") }), "--isolation")
    assert.include(what({ resume: true }), "--resume")
    assert.include(what({ flat: true }), "--flat")
    assert.include(what({ timeout: Option.some("200%") }), "--timeout")
  })
  it("are none that any run has", () => {
    assert.isTrue(Exit.isSuccess(Effect.runSyncExit(refuseBatchFlags(asked({ timeout: Option.some("5m") })))))
  })
  it("make a batch where items are named", () => {
    assert.isFalse(isBatch(asked({ parallel: Option.some(5) })))
    assert.isTrue(isBatch(asked({ batch: ["*.csv"] })))
    assert.isTrue(isBatch(asked({ batchFrom: Option.some("-") })))
  })
})
