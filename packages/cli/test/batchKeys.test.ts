import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import type { UserInput } from "effect/Terminal"
import { items, type Mode, type Wish, wishOf } from "../src/output/batch/keys.ts"

const key = (name: string, over: Partial<UserInput["key"]> = {}): UserInput => ({
  input: name.length === 1 ? Option.some(name) : Option.none(),
  key: { name, ctrl: false, meta: false, shift: false, ...over }
})
const choosing = (typed: string): Mode => ({ _tag: "Choosing", typed })
const log: Mode = { _tag: "Log", id: "exec_x" }

/** The wish after all of these, where each but the last shows something. */
const after = (mode: Mode, ...names: ReadonlyArray<string>): Wish | null => {
  let now = mode
  let wish: Wish | null = null
  for (const name of names) {
    wish = wishOf(now, key(name))
    if (wish?._tag === "Show") now = wish.mode
  }
  return wish
}

describe("keys of a batch's view", () => {
  it("do what the lowest line says, and nothing else", () => {
    assert.deepStrictEqual(after(items, "r"), { _tag: "Retry" })
    assert.deepStrictEqual(after(items, "q"), { _tag: "Detach" })
    assert.deepStrictEqual(after(items, "l"), { _tag: "Show", mode: choosing("") })
    for (const name of ["x", "b", "y", "return", "up", "f1"]) assert.isNull(after(items, name))
  })
  it("cancel only after a yes", () => {
    assert.deepStrictEqual(after(items, "c", "y"), { _tag: "Cancel" })
    for (const name of ["n", "c", "return", "escape", "q"]) {
      assert.deepStrictEqual(after(items, "c", name), { _tag: "Show", mode: items })
    }
  })
  it("make a number or an id, in which b and q are letters behind the first", () => {
    assert.deepStrictEqual(after(items, "l", "4", "5", "backspace", "7", "return"), { _tag: "Choose", typed: "47" })
    assert.deepStrictEqual(after(items, "l", "0", "1", "b", "q", "_", "enter"), { _tag: "Choose", typed: "01bq_" })
    assert.deepStrictEqual(after(items, "l", "b"), { _tag: "Show", mode: items })
    assert.deepStrictEqual(after(items, "l", "4", "escape"), { _tag: "Show", mode: items })
    assert.deepStrictEqual(after(items, "l", "q"), { _tag: "Detach" })
    assert.isNull(after(choosing("4"), " "))
    assert.isNull(after(choosing("x".repeat(40)), "x"))
  })
  it("lead back from a log, or to another", () => {
    assert.deepStrictEqual(after(log, "b"), { _tag: "Show", mode: items })
    assert.deepStrictEqual(after(log, "l"), { _tag: "Show", mode: choosing("") })
    assert.deepStrictEqual(after(log, "q"), { _tag: "Detach" })
  })
  it("are signals everywhere", () => {
    for (const mode of [items, choosing("4"), log, { _tag: "Asking" } as const]) {
      assert.deepStrictEqual(wishOf(mode, key("c", { ctrl: true })), { _tag: "Interrupt" })
      assert.deepStrictEqual(wishOf(mode, key("z", { ctrl: true })), { _tag: "Suspend" })
      assert.isNull(wishOf(mode, key("c", { meta: true })))
    }
    // As Node tells of an Escape that nothing follows.
    assert.deepStrictEqual(wishOf(log, key("escape", { meta: true })), { _tag: "Show", mode: items })
  })
})
