import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { type Called, outputNames } from "rgrid/client/batch/names"
import { safeName } from "rgrid/client/batch/safeName"
import { OutputName } from "rgrid/domain/Batch"

const file = (path: string): Called => ({ _tag: "File", names: path.split("/").filter((name) => name !== "") })
const value = (text: string): Called => ({ _tag: "Value", text })
const ofFiles = (...paths: ReadonlyArray<string>) => outputNames(paths.map(file))
const ofValues = (...texts: ReadonlyArray<string>) => outputNames(texts.map(value))

describe("the folder of an item's outputs", () => {
  it("is the file's name without its last ending", () => {
    assert.deepStrictEqual(ofFiles("data/a.csv", "b.tar.gz", "data/Makefile"), ["a", "b.tar", "Makefile"])
  })
  it("is a value as it is", () => {
    assert.deepStrictEqual(ofValues("1", "1.5", "eu west"), ["1", "1.5", "eu west"])
  })

  it("has as much of the path as tells it from the others of its name", () => {
    assert.deepStrictEqual(ofFiles("x/a.csv", "y/a.csv", "b.csv"), ["x-a", "y-a", "b"])
    assert.deepStrictEqual(ofFiles("1/x/a.csv", "2/x/a.csv"), ["1-x-a", "2-x-a"])
    assert.deepStrictEqual(ofFiles("a.csv", "x/a.csv"), ["a", "x-a"])
  })
  it("has the ending where only that differs", () => {
    assert.deepStrictEqual(ofFiles("d/a.csv", "d/a.json"), ["a.csv", "a.json"])
    assert.deepStrictEqual(ofFiles("d/a.csv", "d/a.json", "e/a.csv"), ["d-a.csv", "d-a.json", "e-a.csv"])
  })
  it("has a number where nothing else differs", () => {
    assert.deepStrictEqual(ofValues("1", "1", "1"), ["1", "1-2", "1-3"])
    assert.deepStrictEqual(ofValues("a", "a-2", "a"), ["a", "a-2", "a-3"])
  })
  it("is not one that another got by its path", () => {
    assert.deepStrictEqual(ofFiles("x/a.csv", "y/a.csv", "x-a.csv"), ["x-a", "y-a", "x-a-2"])
  })
  it("is not one in another case", () => {
    assert.deepStrictEqual(ofFiles("d/A.csv", "e/a.csv"), ["d-A", "e-a"])
    assert.deepStrictEqual(ofValues("Ü", "ü"), ["Ü", "ü-2"])
    assert.deepStrictEqual(ofValues("u\u0308", "ü"), ["ü", "ü-2"])
  })

  it("depends on no item of another name", () => {
    const alone = ofFiles("x/a.csv", "y/a.csv")
    assert.deepStrictEqual(ofFiles("c.csv", "x/a.csv", "b.csv", "y/a.csv").filter((name) => name.endsWith("a")), alone)
  })

  it("tells 10,000 of the same name apart", () => {
    assert.strictEqual(new Set(ofValues(...Array.from({ length: 10_000 }, () => "same"))).size, 10_000)
  })
})

describe("a safe name", () => {
  const odd = [
    "..",
    ".",
    "",
    "/",
    "../../etc/passwd",
    ".git",
    "a\0b",
    "a\nb",
    "CON",
    "nul.txt",
    "name.",
    "name ",
    "a:b*c?",
    "\ud800",
    "\u202egpj.exe",
    "ü".repeat(300),
    `${"x".repeat(190)}.${" ".repeat(100)}y`,
    "😀".repeat(100)
  ]
  for (const text of odd) {
    it(`is made of ${JSON.stringify(text.slice(0, 20))}`, () => {
      const name = safeName(text)
      assert.isTrue(Schema.is(OutputName)(name), name)
      assert.isAtMost(Buffer.byteLength(name), 200)
      assert.notMatch(name, /^\.|[. ]$|[\\:*?"<>|]|^(con|nul)\b/i)
      assert.isTrue(name.isWellFormed())
    })
  }
  it("keeps apart what differs only behind the end of a long one", () => {
    assert.notStrictEqual(safeName(`${"x".repeat(300)}1`), safeName(`${"x".repeat(300)}2`))
  })
  it("keeps a minus apart from a plus", () => {
    assert.deepStrictEqual(ofValues("-1", "0", "1"), ["-1", "0", "1"])
  })
  it("is what a link of the web is, readably", () => {
    assert.strictEqual(safeName("https://example.com/a/b.csv?id=1"), "https-example.com-a-b.csv-id=1")
  })
})
