/** What is said of a batch at its start and its end. */
import { assert, describe, it } from "@effect/vitest"
import type { CauseGroup } from "rgrid/api/Batches"
import type { Failure } from "rgrid/domain/Failure"
import { endLines, resumptionLines, startWords } from "../src/output/batches.ts"
import { causeLines } from "../src/output/causes.ts"
import { batchLeftWords } from "../src/output/wayBack.ts"
import { batch, member } from "./batches.ts"

const options = { failOn: "any", resume: false, parallel: 10 } as const

const group = (number: number, count: number, label: string, failure: Failure): CauseGroup => ({
  number,
  fingerprint: `cause ${number}`,
  count,
  failure,
  sample: member(number, label, "failed", { failure })
})

describe("the words of a batch", () => {
  it("say at its start what begins", () => {
    const { id } = batch()
    assert.strictEqual(startWords(batch({ counts: { queued: 3 }, options }), "file"), `Starting batch: 3 files, 10 parallel (${id})`)
    assert.strictEqual(startWords(batch({ counts: { queued: 1 } }), "item"), `Starting batch: 1 item (${id})`)
  })

  it("say at its end how many succeeded, how long it took, and why it stopped early", () => {
    const ended = batch({ counts: { completed: 95, failed: 3, timed_out: 2 }, ended: 150_000, cost: { micros: 900_000, isPriced: true } })
    assert.deepStrictEqual(endLines(ended), ["95 succeeded, 5 failed", "Duration: 2m 30s · Cost: €0.90"])
    const halted = batch({ counts: { completed: 1, canceled: 4 }, ended: 2000, halted: "halt" })
    assert.deepStrictEqual(endLines(halted), [
      "1 succeeded, 4 canceled",
      "Duration: 2.0s",
      "Nothing more was started: --halt came true."
    ])
  })

  it("say what --resume leaves out, and of the first ten why they run again", () => {
    const again = Array.from({ length: 12 }, (_, i) => ({ label: `data/${i}.csv`, changed: ["inputs", "args"] as const }))
    const lines = resumptionLines(batch({ counts: { queued: 12 } }), { skipped: 988, earlier: [], again })
    assert.strictEqual(lines[0], "988 of 1000 were completed before and are left out")
    assert.strictEqual(lines[1], "  data/0.csv: inputs changed, arguments changed")
    assert.lengthOf(lines, 12)
    assert.strictEqual(lines.at(-1), "  … and 2 more")
    const nothing = resumptionLines(batch(), { skipped: 3, earlier: [], again: [] })
    assert.deepStrictEqual(nothing, ["All 3 items were completed before: nothing is to be run."])
  })

  it("put failures of one cause together, with some of their names and what to type", () => {
    const groups = [
      group(1, 7, "data/01.csv", { _tag: "ScriptExited", code: 1, tail: "KeyError: 'price'" }),
      group(2, 1, "data/\u001b[2J.csv", { _tag: "TimedOut", seconds: 300 })
    ]
    const seen = new Map([["cause 1", ["data/02.csv", "data/01.csv", "data/03.csv"]]])
    const lines = causeLines("batch_1", groups, seen)
    assert.strictEqual(lines[0], "✗ Failed for 2 causes:")
    assert.include(lines, "     Items: data/01.csv, data/02.csv, data/03.csv and 4 more")
    assert.include(lines, "     Cause: KeyError: 'price'")
    assert.include(lines, "     Items: data/\\x1b[2J.csv")
    assert.include(lines.at(-2), "rgrid retry --batch batch_1 --failed-only")
    assert.include(lines.at(-1), "--cause 1")
    assert.deepStrictEqual(causeLines("batch_1", []), [])
    assert.notInclude(causeLines("batch_1", groups.slice(0, 1)).join("\n"), "--cause")
  })

  it("say to whoever leaves whether all files are with the grid", () => {
    assert.notInclude(batchLeftWords("batch_1", true), "Not all files were sent")
    assert.include(batchLeftWords("batch_1", false), "Not all files were sent")
    assert.include(batchLeftWords("batch_1", true), "rgrid status batch_1 --watch")
  })
})
