/** What the items of a batch are, by the command a person types. No grid is needed: nothing is sent. */
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { rgridProgram, scripts, TestGrid } from "./harness.ts"

const grid = new TestGrid()
afterAll(() => grid.down())

const workplace = (files: Readonly<Record<string, string>> = {}): string => {
  const place = grid.workplace(join(scripts, "numbered.py"))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true })
    writeFileSync(join(place, name), content)
  }
  return place
}

interface Planned {
  readonly items: ReadonlyArray<{ readonly label: string; readonly args: ReadonlyArray<string>; readonly outputs: string }>
  readonly options: unknown
  readonly duplicates: ReadonlyArray<string>
  readonly totals: { readonly items: number; readonly files: number }
}

const planned = async (words: ReadonlyArray<string>, cwd: string): Promise<Planned> => {
  const { code, stderr, stdout } = await grid.run(["run", ...words, "--dry-run", "--json"], { cwd })
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout.toString())
}

const tree = { "data/a.csv": "a", "data/b.csv": "b", "more/a.csv": "c" }

describe("the items of a batch", () => {
  it("are the files of a quoted pattern, before the script or behind it", async () => {
    const place = workplace(tree)
    for (const words of [["--batch", "data/*.csv", "numbered.py", "-n"], ["numbered.py", "-n", "--batch", "data/*.csv"]]) {
      const { items } = await planned(words, place)
      expect(items.map(({ args }) => args)).toEqual([["-n", "data/a.csv"], ["-n", "data/b.csv"]])
      expect(items.map(({ outputs }) => outputs)).toEqual(["outputs/a/", "outputs/b/"])
    }
  })

  it("are the words a shell makes of a pattern", async () => {
    const place = workplace(tree)
    const words = ["numbered.py", "--batch", "data/a.csv", "data/b.csv", "more/a.csv", "data/b.csv", "--parallel", "2"]
    const { duplicates, items, options } = await planned(words, place)
    expect(items.map(({ outputs }) => outputs)).toEqual(["outputs/data-a/", "outputs/b/", "outputs/more-a/"])
    expect(duplicates).toEqual(["data/b.csv"])
    expect(options).toEqual({ failOn: "all", resume: false, parallel: 2 })
  })

  it("are rows with columns, among the arguments by name", async () => {
    const place = workplace({ ...tree, "jobs.tsv": "file\trate\ndata/a.csv\t0.5\n" })
    const { items } = await planned(["--batch-from", "jobs.tsv", "numbered.py", "{file}", "--rate={rate}"], place)
    expect(items.map(({ args }) => args)).toEqual([["data/a.csv", "--rate=0.5"]])
  })

  it("come through a pipe", async () => {
    const place = workplace(tree)
    const piped = (command: string): string =>
      execFileSync("bash", ["-c", command], { cwd: place, encoding: "utf8", env: grid.environment() })
    const rgrid = `"${process.execPath}" "${rgridProgram}"`
    const { items } = JSON.parse(piped(`ls data/*.csv | ${rgrid} run numbered.py --batch-from - --dry-run --json`)) as Planned
    expect(items.map(({ label }) => label)).toEqual(["data/a.csv", "data/b.csv"])
  })

  it("take --parallel from the project, where there are any", async () => {
    const place = workplace({ ...tree, ".rgrid/config": "parallel: 7\n" })
    expect((await planned(["numbered.py", "--batch", "1"], place)).options).toMatchObject({ parallel: 7 })
    expect((await planned(["numbered.py", "--batch", "1", "--parallel", "3"], place)).options).toMatchObject({ parallel: 3 })
    expect((await grid.run(["run", "numbered.py", "--dry-run"], { cwd: place })).code).toBe(0)
  })

  it("may be ten thousand words", async () => {
    const values = Array.from({ length: 10_000 }, (_, index) => `item-${index}`)
    const { items, totals } = await planned(["numbered.py", "--id={}", "--batch", ...values], workplace())
    expect(totals).toMatchObject({ items: 10_000, files: 1 })
    expect(items.map(({ args }) => args)).toEqual(values.map((value) => [`--id=${value}`]))
  })
})

describe("what can be no batch", () => {
  for (
    const [words, said] of [
      ["numbered.py --batch date/*.csv", "Did you mean data/*.csv?"],
      ["numbered.py --batch data/*.cvs", "Did you mean data/*.csv?"],
      ["numbered.py --batch", "--batch lacks its value."],
      ["numbered.py --batch 1 --batch-from list", "one too many"],
      ["numbered.py --batch-from missing.csv", "no such file"],
      ["numbered.py --batch-from jobs.csv", "{id} {rate}"],
      ["numbered.py {ids} --batch-from jobs.csv", "Did you mean {id}?"],
      ["numbered.py {id} --batch-from bad.csv", "Line 3"],
      ["numbered.py --batch-from empty.txt", "no items"],
      ["numbered.py --batch {1..1000000}", "250,000"],
      ["numbered.py --batch 1 --halt soon", "--halt soon"],
      ["numbered.py --batch 1 --parallel 0", "--parallel 0"],
      ["numbered.py --batch 1 --timeout 50%", "--timeout 50%"],
      ["numbered.py --batch 1 --fail-on some", "any or all"],
      ["numbered.py --parallel 5", "--parallel is for batches"],
      ["numbered.py --timeout 200%", "is for batches"],
      ["--batch data/*.csv", "There is no script to run."]
    ] as const
  ) {
    it(`rgrid run ${words}: one message, and 2`, async () => {
      const lists = { "jobs.csv": "id,rate\n1,2\n", "bad.csv": "id,rate\n1,2\n3\n", "empty.txt": "\n" }
      const { code, stderr } = await grid.run(["run", ...words.split(" ")], { cwd: workplace({ ...tree, ...lists }) })
      expect(code, stderr).toBe(2)
      expect(stderr.match(/✗/g)).toHaveLength(1)
      expect(stderr).toContain(said)
    })
  }
})
