import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import type { BatchPlan, BatchRequest, PlannedItem } from "rgrid/client/batch/plan"
import type { Found, Reason } from "rgrid/client/travel/Travelling"
import { batchPlanJson, batchPlanText, duplicatesLine } from "../src/output/batchPlan.ts"

const file = (there: string, size: number, reason: Reason): Found => ({ here: `/w/${there}`, there, mode: 0o644, size, reason })

const script = file("main.py", 516, { _tag: "Script" })
const shared = file("meta.json", 10, { _tag: "Argument", argument: "meta.json" })

const item = (name: string): PlannedItem => ({
  label: `data/${name}.csv`,
  name,
  args: ["--note", "it's", `data/${name}.csv`],
  files: [file(`data/${name}.csv`, 1000, { _tag: "Argument", argument: `data/${name}.csv` }), shared],
  directories: []
})

const planOf = (...names: ReadonlyArray<string>): BatchPlan => ({
  plan: {
    runtime: { name: "python:3.11", interpreter: ["python3"], check: () => null },
    script,
    travelling: { files: [script], directories: [], leftOut: [] },
    installing: { wanted: null, remarks: [] }
  },
  items: names.map(item),
  duplicates: []
})

const request: BatchRequest = {
  script: "main.py",
  args: ["--note", "it's"],
  cwd: "/w",
  env: { MODE: "hidden-value" },
  secrets: {},
  batch: ["data/*.csv"],
  options: { failOn: "all", resume: false, parallel: 50 }
}

const inPlace = { outputDir: Option.none<string>(), flat: false }

describe("what --dry-run shows of a batch", () => {
  it("is how many items, what the first would run as, where outputs go, and what travels for all", () => {
    const plan = { ...planOf("a", "b", "c", "d", "e", "f", "g"), duplicates: ["data/a.csv"] }
    assert.strictEqual(batchPlanText(plan, request, inPlace), `Script:    main.py --note it's
Runtime:   python:3.11
Items:     7
Parallel:  50
Env:       MODE

Items
  main.py --note 'it'\\''s' data/a.csv  1 kB  → outputs/a/
  main.py --note 'it'\\''s' data/b.csv  1 kB  → outputs/b/
  main.py --note 'it'\\''s' data/c.csv  1 kB  → outputs/c/
  main.py --note 'it'\\''s' data/d.csv  1 kB  → outputs/d/
  main.py --note 'it'\\''s' data/e.csv  1 kB  → outputs/e/
  … and 2 more

Given more than once, and run once: data/a.csv

Files
  main.py  516 B  the script

7 items, 9 files, 7.5 kB. Nothing was sent.
`)
  })

  it("says what is installed for them", () => {
    const { plan, ...batch } = planOf("a")
    const wanted = { kind: "requirements" as const, declared: "requirements.txt", packages: 2, files: [] }
    const shown = batchPlanText({ ...batch, plan: { ...plan, installing: { wanted, remarks: [] } } }, request, inPlace)
    assert.match(shown, /^Installs: +requirements\.txt \(2 packages\)$/m)
  })

  it("says where outputs go otherwise", () => {
    const to = { outputDir: Option.some("res/"), flat: true }
    assert.include(batchPlanText(planOf("a"), request, to), "→ res/a_*\n")
  })

  it("is one document as JSON, with all items", () => {
    const document = batchPlanJson(planOf("a", "b"), request, inPlace)
    assert.deepStrictEqual(document.items[1], {
      label: "data/b.csv",
      name: "b",
      args: ["--note", "it's", "data/b.csv"],
      files: [{ path: "data/b.csv", bytes: 1000 }, { path: "meta.json", bytes: 10 }],
      directories: [],
      outputs: "outputs/b/"
    })
    assert.deepStrictEqual(document.totals, { items: 2, files: 4, bytes: 2526 })
    assert.notMatch(JSON.stringify(document), /hidden/)
  })
})

describe("items that were given more than once", () => {
  it("are named, unless there are many", () => {
    const many = Array.from({ length: 1505 }, (_, index) => `${index}.csv`)
    assert.strictEqual(duplicatesLine(many), "Given more than once, and run once: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 1,500 more")
    assert.strictEqual(duplicatesLine(["\u001b.csv"]), "Given more than once, and run once: \\x1b.csv")
  })
})
