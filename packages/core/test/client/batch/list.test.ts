import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { listIn, listOfRows } from "rgrid/client/batch/list"
import { project } from "../travel/project.ts"

const list = (name: string, content: string | Uint8Array) => listIn(project({ [name]: content }), name)

const lines = async (content: string | Uint8Array, name = "list.txt") => {
  const { columns, items } = await Effect.runPromise(list(name, content))
  assert.isNull(columns)
  return items.map(({ value }) => value)
}

const rows = async (name: string, content: string) => {
  const { columns, items } = await Effect.runPromise(list(name, content))
  return [columns, ...items.map((item) => [...item.columns!.values()])]
}

const refused = async (name: string, content: string | Uint8Array) => {
  const error = await Effect.runPromise(Effect.flip(list(name, content)))
  return error._tag === "BatchListRefused" ? `${error.line}: ${error.detail}` : error._tag
}

describe("a program's rows", () => {
  const given = (...rows: ReadonlyArray<Readonly<Record<string, unknown>>>) => Effect.runPromise(listOfRows(rows))
  it("have what they hold as text", async () => {
    const at = new Date(Date.UTC(2026, 0, 2))
    const row = { text: "a b", number: 1.5, none: null, big: 2n ** 70n, isGood: true, at, all: { at, list: [1] } }
    assert.deepStrictEqual([...(await given(row)).items[0]!.columns!.values()], [
      "a b", "1.5", "", "1180591620717411303424", "true", at.toISOString(), `{"at":"${at.toISOString()}","list":[1]}`
    ])
  })
  it.each([() => 1, Symbol("s"), new Date(Number.NaN), { deep: 1n }])("are refused with what is no text", async (value) => {
    const error = await Effect.runPromise(Effect.flip(listOfRows([{ v: "good" }, { v: value }])))
    assert.strictEqual(error._tag === "BatchListRefused" && `${error.line}: ${error.detail}`, "2: its v can't be written as text")
  })
})

describe("a list of lines", () => {
  it("has an item a line, as it is", async () => {
    assert.deepStrictEqual(await lines("a.csv\n  b c \nhttps://x/*?y={1}\n"), ["a.csv", "  b c ", "https://x/*?y={1}"])
  })
  it("may come from Windows, and have blank lines", async () => {
    assert.deepStrictEqual(await lines("\ufeffa\r\n\r\n  \r\nb\r\nü"), ["a", "b", "ü"])
  })
  it("may be what find -print0 gives", async () => {
    assert.deepStrictEqual(await lines("a\nb\0c\0"), ["a\nb", "c"])
  })
  it("comes through stdin too", async () => {
    const bytes = Stream.make("a\nb", "c\n").pipe(Stream.encodeText)
    const { items } = await Effect.runPromise(listIn("/", "-", bytes))
    assert.deepStrictEqual(items, [{ value: "a" }, { value: "bc" }])
  })
  it("is refused without a line, in another encoding, or when it is not there", async () => {
    assert.strictEqual(await refused("a.txt", "\n \n"), "BatchEmpty")
    assert.strictEqual(await refused("a.txt", new Uint8Array([0xff, 0xfe, 0x61, 0])), "null: it is no UTF-8 text")
    const unreadable = async (path: string) => {
      const error = await Effect.runPromise(Effect.flip(listIn(project({ "d.csv/x": "" }), path)))
      return error._tag === "BatchListRefused" && error.reason === "unreadable" && error.detail
    }
    assert.strictEqual(await unreadable("missing.csv"), "no such file or directory")
    assert.strictEqual(await unreadable("d.csv"), "illegal operation on a directory")
  })
})

describe("a list with columns", () => {
  it("is CSV, with quotes, line breaks in them, and from Windows", async () => {
    const text = '\ufeffid,note\r\n1,"a, ""b"""\r\n\r\n2,"x\ny"\r\n3,\r\n'
    assert.deepStrictEqual(await rows("a.csv", text), [["id", "note"], ["1", 'a, "b"'], ["2", "x\ny"], ["3", ""]])
  })
  it("is TSV", async () => {
    assert.deepStrictEqual(await rows("a.TSV", 'id\tsize of disk\n1\t5" disk\n'), [["id", "size of disk"], ["1", '5" disk']])
  })
  it("is JSON lines, with numbers as they are written", async () => {
    const text = '{"id": 12345678901234567890, "x": 1.50, "y": null, "z": {"a": [1.0]}, "t": "a b", "b": true}\r\n\n' +
      '{"b": false, "t": "", "z": [], "y": 2, "x": 1e3, "id": 1, "more": 1}\n'
    assert.deepStrictEqual(await rows("a.jsonl", text), [
      ["id", "x", "y", "z", "t", "b"],
      ["12345678901234567890", "1.50", "", '{"a":[1.0]}', "a b", "true"],
      ["1", "1e3", "2", "[]", "", "false"]
    ])
    assert.deepStrictEqual(await rows("a.ndjson", '{"__proto__": 1}'), [["__proto__"], ["1"]])
  })

  const cases: ReadonlyArray<readonly [name: string, content: string, said: string]> = [
    ["a.csv", "a,b\n1,2\n\n3\n", "4: it has 1 fields, the line of names has 2"],
    ["a.csv", 'a,b\n1,"2\n', "2: quote not closed: the parsing is finished with an opening quote"],
    ["a.csv", "a,a\n1,2\n", "1: two columns are named a"],
    ["a.csv", "a,\n1,2\n", "1: a column has no name"],
    ["a.csv", "a,b\n", "BatchEmpty"],
    ["a.csv", "", "BatchEmpty"],
    ["a.jsonl", '{"a": 1}\n\n{"a": }\n', "3: it is no JSON"],
    ["a.jsonl", '{"a": 1}\n[1]\n', "2: it is no JSON object"],
    ["a.jsonl", '{"a": 1}\n{"b": 1}\n', "2: it has no a"],
    ["a.jsonl", "", "BatchEmpty"]
  ]
  for (const [name, content, said] of cases) {
    it(`${JSON.stringify(content)} in ${name} is refused`, async () => assert.strictEqual(await refused(name, content), said))
  }
})
