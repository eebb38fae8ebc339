import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { symlinkSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { ofPatterns } from "rgrid/client/batch/patterns"
import { makeLookup } from "rgrid/client/travel/lookup"
import { project } from "../travel/project.ts"

const matched = (cwd: string, ...patterns: ReadonlyArray<string>) => ofPatterns(cwd, patterns, makeLookup())

const values = (cwd: string, ...patterns: ReadonlyArray<string>) =>
  Effect.runPromise(matched(cwd, ...patterns).pipe(Effect.map((items) => items.map(({ value }) => value))))

const refused = (cwd: string, pattern: string) => Effect.runPromise(Effect.flip(matched(cwd, pattern)))

const tree = {
  "data/b.csv": "",
  "data/a.csv": "",
  "data/B.csv": "",
  "data/10.csv": "",
  "data/9.csv": "",
  "data/x.txt": "",
  "data/deep/c.csv": "",
  "data/.hidden.csv": "",
  "data/report (1).csv": "",
  "data/report (2).csv": "",
  "other/d.csv": "",
  "node_modules/p/e.csv": "",
  "[odd].csv": "",
  "odd{1,2}.csv": "",
  "empty/": ""
}

describe("a pattern of a batch", () => {
  const cases: ReadonlyArray<readonly [pattern: string, items: ReadonlyArray<string>]> = [
    ["data/?.csv", ["data/9.csv", "data/B.csv", "data/a.csv", "data/b.csv"]],
    ["./data/[ab].csv", ["./data/a.csv", "./data/b.csv"]],
    ["data/*.{txt,md}", ["data/x.txt"]],
    ["{other,data/deep}/*.csv", ["data/deep/c.csv", "other/d.csv"]],
    ["**/{c,d,e}.csv", ["data/deep/c.csv", "other/d.csv"]],
    ["./**/c.csv", ["./data/deep/c.csv"]],
    ["data/../other/*", ["data/../other/d.csv"]],
    ["data/report (*).csv", ["data/report (1).csv", "data/report (2).csv"]],
    ["data/.*.csv", ["data/.hidden.csv"]],
    ["*/", ["data/", "empty/", "other/"]],
    ["data/*/", ["data/deep/"]],
    ["{data/x.txt,missing.txt,other/*}", ["data/x.txt", "other/d.csv"]],
    ["[odd].csv", ["[odd].csv"]],
    ["odd{1,2}.csv", ["odd{1,2}.csv"]]
  ]
  for (const [pattern, items] of cases) {
    it(`${pattern} is ${items.length} files`, async () => assert.deepStrictEqual(await values(project(tree), pattern), items))
  }

  it("takes no directory for a file", async () => {
    assert.deepStrictEqual(await values(project(tree), "*d*"), ["[odd].csv", "odd{1,2}.csv"])
  })

  it("may be absolute", async () => {
    const cwd = project(tree)
    assert.deepStrictEqual(await values("/", `${cwd}/other/*`), [`${cwd}/other/d.csv`])
  })

  it("follows links, and ends in circles", async () => {
    const cwd = project({ "data/a.csv": "" })
    symlinkSync("..", join(cwd, "data/up"))
    symlinkSync("a.csv", join(cwd, "data/b.csv"))
    assert.deepStrictEqual(await values(cwd, "**/*.csv"), ["data/a.csv", "data/b.csv"])
  })

  const braces: ReadonlyArray<readonly [pattern: string, items: ReadonlyArray<string>]> = [
    ["{1..3}", ["1", "2", "3"]],
    ["{08..10}", ["08", "09", "10"]],
    ["{10..1..4}", ["10", "6", "2"]],
    ["{b,a}", ["b", "a"]],
    ["shard-{a,b}-{1..2}", ["shard-a-1", "shard-a-2", "shard-b-1", "shard-b-2"]],
    ["out/{1..2}.json", ["out/1.json", "out/2.json"]],
    ["plain", ["plain"]],
    ["{}", ["{}"]]
  ]
  for (const [pattern, items] of braces) {
    it(`${pattern} names no file`, async () => assert.deepStrictEqual(await values(project({}), pattern), items))
  }

  it("stands in the order given, beside others", async () => {
    const cwd = project(tree)
    assert.deepStrictEqual(await values(cwd, "z", "other/*", "{2..1}", "data/*.txt"), ["z", "other/d.csv", "2", "1", "data/x.txt"])
  })

  it("is refused when it means more than a batch may have", async () => {
    assert.strictEqual((await refused(project({}), "{1..10000}{1..1000}"))._tag, "BatchTooLarge")
  })
})

describe("a pattern that matches nothing", () => {
  const facts = async (pattern: string) => {
    const error = await refused(project(tree), pattern)
    return error._tag === "BatchPatternUnmatched" ? [error.missing, error.nearest] : error._tag
  }
  const cases: ReadonlyArray<readonly [pattern: string, missing: string | null, nearest: string | null]> = [
    ["dtaa/*.csv", "dtaa", null],
    ["dat/*.csv", "dat", "data/*.csv"],
    ["data/deeep/*/x.csv", "data/deeep", "data/deep/*/x.csv"],
    ["data/*.cvs", null, "data/*.csv"],
    ["data/*.json", null, null],
    ["empty/*", null, null],
    ["data/*.{jpg,png}", null, null],
    ["", null, null]
  ]
  for (const [pattern, missing, nearest] of cases) {
    it(`${JSON.stringify(pattern)} says ${nearest === null ? "so" : `that it may be ${nearest}`}`, async () => {
      assert.deepStrictEqual(await facts(pattern), [missing, nearest])
    })
  }

  it("is not looked for in all of a home or of the file system", async () => {
    assert.strictEqual((await refused(project({}), "/**/*.csv"))._tag, "InputRefused")
    assert.strictEqual((await refused(project({}), `${homedir()}/**`))._tag, "InputRefused")
  })
})
