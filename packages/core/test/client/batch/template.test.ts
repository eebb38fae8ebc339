import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { template } from "rgrid/client/batch/template"

const argsFor = (args: ReadonlyArray<string>, value: string) =>
  Result.getOrThrow(template(args, null)).filled({ value, position: 7 }).args

describe("an item among the arguments", () => {
  const cases: ReadonlyArray<readonly [argument: string, value: string, filled: string]> = [
    ["{}", "data/a.tar.gz", "data/a.tar.gz"],
    ["{.}", "data/a.tar.gz", "data/a.tar"],
    ["{/}", "data/a.tar.gz", "a.tar.gz"],
    ["{//}", "data/a.tar.gz", "data"],
    ["{/.}", "data/a.tar.gz", "a.tar"],
    ["{#}", "data/a.tar.gz", "7"],
    ["--out={/.}.json", "/in/x.csv", "--out=x.json"],
    ["{//}/{#}-{/}", "a/b/c", "a/b/7-c"],
    ["{//}", "x", "."],
    ["{//}", "/x", "/"],
    ["{.}", "a.b/c", "a.b/c"],
    ["{.}", "d/.hidden", "d/.hidden"],
    ["{/}", "d/e/", "e"],
    ["{}", "$&{}", "$&{}"]
  ]
  for (const [argument, value, expected] of cases) {
    it(`${argument} of ${value} is ${expected}`, () => assert.deepStrictEqual(argsFor([argument], value), [expected]))
  }

  it("is the last argument where none has a place for it", () => {
    assert.deepStrictEqual(argsFor(["--n", "3"], "a.csv"), ["--n", "3", "a.csv"])
    assert.deepStrictEqual(argsFor([], "a.csv"), ["a.csv"])
  })

  it("leaves other braces as they are", () => {
    const args = ['{"a": {}}', "{name}", "x{2,3}", "{ }"]
    assert.deepStrictEqual(argsFor(args, "1"), ['{"a": 1}', "{name}", "x{2,3}", "{ }"])
  })

  it("tells what varies and what does not", () => {
    const { filled, fixed } = Result.getOrThrow(template(["--model", "m.bin", "--out={/.}.json", "{}"], null))
    assert.deepStrictEqual(fixed, ["--model", "m.bin"])
    assert.deepStrictEqual(filled({ value: "d/a.csv", position: 1 }).varying, ["--out=a.json", "d/a.csv"])
  })
})

const names = ["id", "Sample file", "a.b"]
const columns = new Map([["id", "7"], ["Sample file", "in/x.csv"], ["a.b", "{id}"]])
const row = (args: ReadonlyArray<string>) =>
  Result.map(template(args, names), ({ filled }) => filled({ value: "", columns, position: 3 }).args)

describe("columns among the arguments", () => {
  it("are named, also within a word, and with a path's forms", () => {
    const args = ["--id={id}", "{Sample file}", "{Sample file/.}-{id}", "{Sample file//}", "{a.b}", "{#}", "{2}"]
    assert.deepStrictEqual(Result.getOrThrow(row(args)), [
      "--id=7",
      "in/x.csv",
      "x-7",
      "in",
      "{id}",
      "3",
      "{2}"
    ])
  })

  it("are told when they are used", () => {
    assert.deepStrictEqual(Result.getOrThrow(template(["{id}", "{a.b}", "{#}"], names)).used, ["id", "a.b"])
  })

  const refused = (args: ReadonlyArray<string>) => {
    const { column, known, nearest } = Result.getOrThrow(Result.flip(template(args, names)))
    return { column, nearest, known }
  }
  it("are refused by a name that is none", () => {
    assert.deepStrictEqual(refused(["{id}", "{Sampel file}"]), { column: "Sampel file", nearest: "Sample file", known: names })
    assert.deepStrictEqual(refused(["{}"]), { column: "", nearest: null, known: names })
  })
  it("are refused when no argument names one", () => {
    assert.deepStrictEqual(refused(["--all"]), { column: null, nearest: null, known: names })
  })
  it("leave JSON alone", () => {
    assert.deepStrictEqual(Result.getOrThrow(row(['{"id": {id}, "x": [{"y": 1}]}'])), ['{"id": 7, "x": [{"y": 1}]}'])
  })
})
