/** What members of a batch made, from a server that may lie about names. */
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bringBackMember, landing } from "rgrid/client/batch/bringBackMember"
import { noteName } from "rgrid/client/batch/mark"
import type { Execution } from "rgrid/domain/Execution"
import { fakeGrid, memberJson } from "./grid.ts"

const sha = (text: string) => createHash("sha256").update(text).digest("hex")

let base: string
let here: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "rgrid-members-"))
  here = join(base, "outputs")
})
afterEach(() => rmSync(base, { recursive: true }))

const tree = () => readdirSync(base, { recursive: true }).toSorted()
const read = (...names: ReadonlyArray<string>) => readFileSync(join(here, ...names), "utf8")

const member = (name: string, over: Partial<Execution> = {}): Execution => {
  const json = memberJson(1)
  // As the client has it, but for what is not looked at here.
  return { ...json, batch: { ...json.batch, name }, outputs: { files: 1, bytes: 1 }, ...over } as unknown as Execution
}

const failed = { state: "failed", failure: { _tag: "ScriptExited", code: 3, tail: "\u001b[31mno\n" } } as const

/** Files by their paths there. */
const withOutputs = Effect.fnUntraced(function*(files: Readonly<Record<string, string>>) {
  const texts = new Map(Object.values(files).map((text) => [sha(text), text]))
  const outputs = Object.entries(files).map(([path, text]) => ({
    path,
    type: "file",
    mode: 0o644,
    modifiedAt: 1_700_000_000_000,
    content: { size: text.length, sha256: sha(text), parts: text === "" ? [] : [sha(text)] }
  }))
  const parts = Object.fromEntries([...texts.keys()].map((key) => [key, { url: `/bytes/${key}`, headers: {} }]))
  const grid = yield* fakeGrid(({ url }) =>
    url.pathname.startsWith("/bytes")
      ? { text: texts.get(url.pathname.slice(7)) ?? "" }
      : { json: { manifest: { outputs, deleted: [], skipped: [] }, parts } }
  )
  const bring = (execution: Execution, to = landing(here, false, 0)) =>
    bringBackMember(execution, to).pipe(Effect.provide(grid.client))
  return { asked: grid.asked, bring }
})

describe("what a member made", () => {
  for (const name of ["../up", "a/b", "..", ".", "", ".git", ".RGRID", "/etc"]) {
    it.live(`is refused for an item that is called ${JSON.stringify(name)}`, () =>
      Effect.gen(function*() {
        const { bring } = yield* withOutputs({ x: "evil" })
        const { refused } = yield* bring(member(name, failed))
        assert.deepStrictEqual(refused.map(({ path }) => path), ["x"])
        assert.deepStrictEqual(tree(), ["outputs"])
      }))
  }

  it.live("goes through no link that stands for its folder", () =>
    Effect.gen(function*() {
      mkdirSync(here)
      mkdirSync(join(base, "elsewhere"))
      symlinkSync(join(base, "elsewhere"), join(here, "a"))
      const { bring } = yield* withOutputs({ x: "evil" })
      assert.lengthOf((yield* bring(member("a", failed))).refused, 1)
      assert.deepStrictEqual(readdirSync(join(base, "elsewhere")), [])
    }))

  it.live("costs no request when it is nothing", () =>
    Effect.gen(function*() {
      const { asked, bring } = yield* withOutputs({})
      yield* bring(member("a", { outputs: { files: 0, bytes: 0 } }))
      assert.lengthOf(asked, 0)
      assert.deepStrictEqual(tree(), [])
    }))

  it.live("is not fetched again where it is", () =>
    Effect.gen(function*() {
      const { asked, bring } = yield* withOutputs({ "deep/x": "text" })
      yield* bring(member("a"))
      yield* bring(member("a"))
      assert.strictEqual(read("a", "deep", "x"), "text")
      assert.lengthOf(asked.filter(({ url }) => url.pathname.startsWith("/bytes")), 1)
    }))

  it.live("is marked when it failed, and no more when it succeeded", () =>
    Effect.gen(function*() {
      const { bring } = yield* withOutputs({ x: "half" })
      yield* bring(member("a", failed))
      assert.include(read("a", noteName), "exited with code 3")
      assert.notInclude(read("a", noteName), "\u001b")
      yield* bring(member("a"))
      assert.deepStrictEqual(readdirSync(join(here, "a")), ["x"])
    }))

  it.live("keeps a file of the note's name that is the script's own", () =>
    Effect.gen(function*() {
      const { bring } = yield* withOutputs({ [noteName]: "mine" })
      yield* bring(member("a", failed))
      assert.strictEqual(read("a", noteName), "mine")
      yield* bring(member("a"))
      assert.strictEqual(read("a", noteName), "mine")
    }))

  it.live("marks what an earlier run left when the item fails with nothing", () =>
    Effect.gen(function*() {
      mkdirSync(join(here, "a"), { recursive: true })
      writeFileSync(join(here, "a", "x"), "of yesterday")
      const { bring } = yield* withOutputs({})
      yield* bring(member("a", { ...failed, outputs: { files: 0, bytes: 0 } }))
      assert.deepStrictEqual(readdirSync(join(here, "a")).toSorted(), [noteName, "x"])
    }))
})

describe("flat", () => {
  it.live("is one name for each file, and none takes another's place, whatever was here", () =>
    Effect.gen(function*() {
      const long = "l".repeat(250)
      const { bring } = yield* withOutputs({ "b/c": "1", "b-c": "2", [`${long}/${long}.txt`]: "3" })
      const to = landing(here, true, Number.MAX_SAFE_INTEGER)
      yield* bring(member("a"), to)
      yield* bring(member("a_b"), to)
      const names = readdirSync(here).toSorted()
      assert.deepStrictEqual(names.filter((name) => !name.includes("ll")), ["a_b-c", "a_b-c.rgrid", "a_b_b-c", "a_b_b-c.rgrid"])
      assert.deepStrictEqual([read("a_b-c"), read("a_b-c.rgrid")].toSorted(), ["1", "2"])
      assert.deepStrictEqual(names.filter((name) => name.includes("ll")).map((name) => name.endsWith(".txt")), [true, true])
    }))

  it.live("keeps apart two items whose names and paths make one", () =>
    Effect.gen(function*() {
      const to = landing(here, true, Number.MAX_SAFE_INTEGER)
      const one = yield* withOutputs({ b_c: "one" })
      const other = yield* withOutputs({ c: "other" })
      yield* one.bring(member("a"), to)
      const { beside } = yield* other.bring(member("a_b"), to)
      assert.deepStrictEqual(beside, [{ path: "a_b_c", writtenTo: "a_b_c.rgrid" }])
      assert.deepStrictEqual([read("a_b_c"), read("a_b_c.rgrid")], ["one", "other"])
    }))
})
