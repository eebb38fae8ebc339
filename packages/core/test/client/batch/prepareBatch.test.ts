import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { BatchRequest } from "rgrid/client/batch/plan"
import { prepareBatch } from "rgrid/client/batch/prepareBatch"
import { BatchHead, BatchItem } from "rgrid/domain/Batch"
import { project, type Tree } from "../travel/project.ts"

const isHead = Schema.is(BatchHead)
const isItem = Schema.is(BatchItem)

const prepared = async (cwd: string, over: Partial<BatchRequest>) => {
  const batch = await Effect.runPromise(Effect.scoped(prepareBatch({
    script: "main.py",
    args: [],
    cwd,
    env: {},
    secrets: {},
    batch: [],
    options: { failOn: "any", resume: false },
    ...over
  })))
  assert.isTrue(isHead(batch.head))
  for (const item of batch.items) assert.isTrue(isItem(item))
  assert.strictEqual(batch.head.items, batch.items.length)
  return batch
}

const refused = (cwd: string, over: Partial<BatchRequest>) =>
  prepared(cwd, over).then(() => "nothing", (error: { readonly _tag?: string }) => error._tag ?? String(error))

/** What an item is, with the paths of its files. */
const brief = ({ items }: { readonly items: ReadonlyArray<BatchItem> }) =>
  items.map(({ args, files, label, name }) => [label, name, args.join(" "), files.map(({ path }) => path).join(" ")])

const tree: Tree = {
  "main.py": "import helper\n",
  "helper.py": "",
  "model.bin": "m",
  "data/a.csv": "aaa",
  "data/b.csv": "bb"
}

describe("a batch", () => {
  it("sends what all items need once, and with each its own", async () => {
    const batch = await prepared(project(tree), { args: ["--model=model.bin"], batch: ["data/*.csv"] })
    assert.deepStrictEqual(batch.head.job.files.map(({ path }) => path), ["main.py", "model.bin", "helper.py"])
    assert.deepStrictEqual(batch.head.job.args, ["--model=model.bin"])
    assert.deepStrictEqual(brief(batch), [
      ["data/a.csv", "a", "--model=model.bin data/a.csv", "data/a.csv"],
      ["data/b.csv", "b", "--model=model.bin data/b.csv", "data/b.csv"]
    ])
  })

  it("knows where each part's bytes are", async () => {
    const { head, items, sources } = await prepared(project(tree), { batch: ["data/*.csv"] })
    for (const { content } of [...head.job.files, ...items.flatMap(({ files }) => files)]) {
      for (const part of content.parts) {
        const { offset, path, size } = sources.get(part)!
        const bytes = readFileSync(path).subarray(offset, offset + size)
        assert.strictEqual(createHash("sha256").update(bytes).digest("hex"), part)
      }
    }
  })

  it("fills the item in anywhere, and sends what the words then name", async () => {
    const cwd = project({ ...tree, "meta/a.json": "{}", "out/": "" })
    const args = ["{#}", "--in={}", "--meta=meta/{/.}.json", "out/{/.}.txt"]
    const { head, items } = await prepared(cwd, { args, batch: ["data/*.csv"] })
    assert.deepStrictEqual(brief({ items }).map(([, , args, files]) => [args, files]), [
      ["1 --in=data/a.csv --meta=meta/a.json out/a.txt", "data/a.csv meta/a.json"],
      ["2 --in=data/b.csv --meta=meta/b.json out/b.txt", "data/b.csv"]
    ])
    assert.deepStrictEqual(items.map(({ directories }) => directories), [["out"], ["meta", "out"]])
    assert.deepStrictEqual(head.job.args, args)
  })

  it("takes the same file by two paths for one item, and tells", async () => {
    const cwd = project(tree)
    const batch = await prepared(cwd, { batch: ["data/a.csv", "data/*.csv", join(cwd, "data/b.csv")] })
    assert.deepStrictEqual(batch.items.map(({ label }) => label), ["data/a.csv", "data/b.csv"])
    assert.deepStrictEqual(batch.duplicates, ["data/a.csv", join(cwd, "data/b.csv")])
  })

  it("takes the same value twice for two", async () => {
    const batch = await prepared(project(tree), { args: ["--seed"], batch: ["1", "1"] })
    assert.deepStrictEqual(brief(batch), [["1", "1", "--seed 1", ""], ["1", "1-2", "--seed 1", ""]])
    assert.deepStrictEqual(batch.duplicates, [])
  })

  it("sends the imports of items that are sources", async () => {
    const cwd = project({ ...tree, "jobs/one.py": "import extra\n", "extra.py": "", "jobs/two.py": "import helper\n" })
    const { items } = await prepared(cwd, { batch: ["jobs/one.py", "jobs/two.py"] })
    assert.deepStrictEqual(items.map(({ files }) => files.map(({ path }) => path)), [
      ["jobs/one.py", "extra.py"],
      ["jobs/two.py"]
    ])
  })

  it("may have directories for items, and links", async () => {
    const cwd = project({ ...tree, "runs/1/x": "", "runs/2/y": "" })
    symlinkSync("a.csv", join(cwd, "data/link.csv"))
    const batch = await prepared(cwd, { batch: ["runs/*/", "data/link.csv"] })
    assert.deepStrictEqual(brief(batch), [
      ["runs/1/", "1", "runs/1/", "runs/1/x"],
      ["runs/2/", "2", "runs/2/", "runs/2/y"],
      ["data/link.csv", "link", "data/link.csv", "data/link.csv"]
    ])
  })

  it("has items from above the working directory at their own paths", async () => {
    const root = project({ "work/main.py": "", "x/data.csv": "", "y/data.csv": "" })
    const batch = await prepared(join(root, "work"), { batch: ["../*/data.csv"] })
    assert.deepStrictEqual(brief(batch), [
      ["../x/data.csv", "x-data", "../x/data.csv", join(root, "x/data.csv")],
      ["../y/data.csv", "y-data", "../y/data.csv", join(root, "y/data.csv")]
    ])
  })
})

describe("a batch from a list", () => {
  it("has the names of columns in its arguments", async () => {
    const cwd = project({ ...tree, "list.csv": "file,rate\ndata/a.csv,0.1\ndata/b.csv,0.1\n" })
    const args = ["{file}", "--rate={rate}", "--out={file/.}.json"]
    assert.deepStrictEqual(brief(await prepared(cwd, { args, batchFrom: "list.csv" })), [
      ["data/a.csv 0.1", "data-a.csv-0.1", "data/a.csv --rate=0.1 --out=a.json", "data/a.csv"],
      ["data/b.csv 0.1", "data-b.csv-0.1", "data/b.csv --rate=0.1 --out=b.json", "data/b.csv"]
    ])
  })

  it("takes no line for a pattern", async () => {
    const cwd = project({ ...tree, "list.txt": "data/*.csv\n{1..3}\n" })
    const batch = await prepared(cwd, { batchFrom: "list.txt" })
    assert.deepStrictEqual(batch.items.map(({ label }) => label), ["data/*.csv", "{1..3}"])
  })

  it("comes through stdin, which no item gets", async () => {
    const stdin = { kind: "live" as const, bytes: Stream.make("x\ny\n").pipe(Stream.encodeText) }
    const batch = await prepared(project(tree), { batchFrom: "-", stdin })
    assert.deepStrictEqual(batch.items.map(({ args }) => args), [["x"], ["y"]])
    assert.notProperty(batch.head.job, "stdin")
  })

  it("is refused with the names there are when the arguments use none", async () => {
    const cwd = project({ ...tree, "list.tsv": "a\tb\n1\t2\n" })
    assert.strictEqual(await refused(cwd, { batchFrom: "list.tsv" }), "ReplacementUnknown")
    assert.strictEqual(await refused(cwd, { args: ["{c}"], batchFrom: "list.tsv" }), "ReplacementUnknown")
  })
})

describe("a batch that can't be", () => {
  it("is refused before anything is sent", async () => {
    const cwd = project({ ...tree, "broken.py": "def (\n" })
    assert.strictEqual(await refused(cwd, { batch: [] }), "BatchEmpty")
    assert.strictEqual(await refused(cwd, { batch: ["data/*.cvs"] }), "BatchPatternUnmatched")
    assert.strictEqual(await refused(cwd, { script: "mian.py", batch: ["1"] }), "ScriptMissing")
    assert.strictEqual(await refused(cwd, { batch: ["1", "/"] }), "InputRefused")
  })
})

describe("ten thousand items", () => {
  const numbers = Array.from({ length: 10_000 }, (_, index) => String(index + 1))

  it("are each what they were given as", async () => {
    const { items } = await prepared(project(tree), { args: ["--id={}"], batch: ["{1..10000}"] })
    assert.deepStrictEqual(items.map(({ label }) => label), numbers)
    assert.deepStrictEqual(items.map(({ args }) => args.join()), numbers.map((number) => `--id=${number}`))
    assert.strictEqual(new Set(items.map(({ name }) => name)).size, 10_000)
  })

  it("of one file need it once", async () => {
    const cwd = project(tree)
    mkdirSync(join(cwd, "big"))
    writeFileSync(join(cwd, "big/shared.bin"), "shared")
    const { items, sources } = await prepared(cwd, { args: ["big/shared.{}", "{#}"], batch: Array.from({ length: 1000 }, () => "bin") })
    assert.strictEqual(items.length, 1000)
    assert.isTrue(items.every(({ files }) => files.length === 1 && files[0] === items[0]!.files[0]))
    assert.strictEqual([...sources.values()].filter(({ path }) => path.endsWith("shared.bin")).length, 1)
  })
})
