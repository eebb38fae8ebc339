/** Screens of a batch, as files in `screens/`. `vitest -u` writes them anew. */
import { assert, describe, expect, it } from "@effect/vitest"
import * as CliOutput from "effect/cli/CliOutput"
import * as Schema from "effect/Schema"
import type { Execution } from "rgrid/domain/Execution"
import type { EndedItem } from "../src/output/batch/items.ts"
import { batchLine, type BatchModel, batchScreen } from "../src/output/batchScreen.ts"
import { keyLines } from "../src/output/batch/footer.ts"
import { batch, member } from "./batches.ts"

const price = { hourlyMicros: 3_000_000, slots: 1 }
const free = (text: unknown, is: string) => is

const name = (number: number): string => `data_${String(number).padStart(3, "0")}.csv`
const cost = (micros: number) => ({ micros, phase: "estimated" as const, price })
const done = (number: number): EndedItem => ({
  execution: member(number, name(number), "completed", { seconds: 12, cost: cost(10_000) }),
  where: `outputs/data_${String(number).padStart(3, "0")}/`
})
const failed = (number: number, failure: Execution["failure"]): EndedItem => ({
  execution: member(number, name(number), failure?._tag === "TimedOut" ? "timed_out" : "failed", { seconds: 300, failure }),
  where: null
})

const now = 150_000
const running = Array.from({ length: 10 }, (_, i) => 
  member(46 + i, name(46 + i), "running", { startedAt: now - 11_000 + i * 1000, cost: cost(0) }))

const model = (over: Partial<BatchModel> = {}): BatchModel => ({
  batch: batch({
    counts: { completed: 45, failed: 2, timed_out: 1, running: 10, queued: 42 },
    cost: { micros: 850_000, isPriced: true }
  }),
  active: running,
  recent: [
    done(41),
    done(42),
    failed(43, { _tag: "ScriptExited", code: 1, tail: "Traceback\nKeyError: 'price'\n" }),
    failed(44, { _tag: "TimedOut", seconds: 300 }),
    done(45)
  ],
  eta: { low: 180_000, likely: 195_000, high: 220_000 },
  usual: 12_000,
  now,
  columns: 80,
  rows: 24,
  startedHere: true,
  notice: null,
  preparing: null,
  footer: keyLines({ canRetry: true, canCancel: true }),
  ...over
})

const wide = model({
  batch: batch({ counts: { completed: 3, running: 2, queued: 5 } }),
  active: [
    member(4, "データ/二〇二六年/売上.csv", "running", { startedAt: now - 5000 }),
    member(5, "evil\u001b[2J\nname\u202e.csv", "leased")
  ],
  recent: [{ execution: member(1, "über/e\u0301t\u00e9 👩‍👩‍👧.csv", "completed", { seconds: 2 }), where: "outputs/übe\u0007r/" }],
  eta: { low: 60_000, likely: 120_000, high: 300_000 }
})

const ended = model({
  batch: batch({ counts: { completed: 95, failed: 5 }, ended: 400_000, cost: { micros: 1_900_000, isPriced: true } }),
  active: [],
  footer: []
})

const screens: Readonly<Record<string, BatchModel>> = {
  "batch-80x24": model(),
  "batch-40x10": model({ columns: 40, rows: 10 }),
  "batch-200x50": model({ columns: 200, rows: 50 }),
  "batch-20x6": model({ columns: 20, rows: 6 }),
  "batch-wide-letters": wide,
  "batch-wide-letters-30x12": { ...wide, columns: 30, rows: 12 },
  "batch-ended": ended,
  "batch-elsewhere": model({ startedHere: false, batch: { ...model().batch, halted: "halt", cost: { micros: 0, isPriced: false } } }),
  "batch-notice": model({ notice: "Retry started: batch_x", columns: 60, rows: 12 }),
  "batch-preparing": model({
    batch: batch({ counts: { leased: 2, queued: 8 } }),
    active: [member(1, "a.csv", "leased"), member(2, "b.csv", "leased")],
    recent: [],
    eta: null,
    usual: null,
    now: 2000,
    preparing: "Installing requirements.txt: Downloading numpy"
  }),
  "batch-first": model({ batch: batch({ counts: { queued: 3 } }), active: [], recent: [], eta: null, usual: null, now: 900 })
}

const same = (text: string): string => text.replace(/batch_[0-9a-z]{26}/g, `batch_${"0".repeat(26)}`)

describe("the screen of a batch", () => {
  for (const [name, shown] of Object.entries(screens)) {
    it(`${name} is as on record`, () =>
      expect(`${batchScreen(shown, free).map(same).join("\n")}\n`).toMatchFileSnapshot(`screens/${name}.txt`))
  }

  it("colours what is a mark, and only where it is asked to", () => {
    const painted = batchScreen(model(), (style, text) => `<${style}>${text}</>`).join("\n")
    assert.include(painted, "<red>✗</> data_044.csv: timeout after 5m")
    assert.include(painted, "<green>✓</> data_045.csv")
  })

  const lines = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))
  it.prop("fits every terminal, whatever items are called", {
    columns: Schema.Int.check(Schema.isBetween({ minimum: 20, maximum: 220 })),
    rows: Schema.Int.check(Schema.isBetween({ minimum: 6, maximum: 60 })),
    active: lines,
    recent: lines,
    label: Schema.String,
    notice: Schema.NullOr(Schema.Literals(["Canceled.", "A notice that is longer than most terminals are wide, by far and more"])),
    startedHere: Schema.Boolean
  }, ({ active, columns, label, notice, recent, rows, startedHere }) => {
    const shown = batchScreen(
      model({
        columns,
        rows,
        notice,
        startedHere,
        active: Array.from({ length: active }, (_, i) => member(i, label, "running", { startedAt: 0 })),
        recent: Array.from({ length: recent }, (_, i) => i % 2 === 0
          ? { execution: member(i, label, "completed", { seconds: 1 }), where: label }
          : { execution: member(i, label, "failed", { seconds: 1, failure: { _tag: "ScriptExited", code: 1, tail: label } }), where: null })
      }),
      free
    )
    assert.isBelow(shown.length, rows)
    for (const line of shown) {
      assert.isBelow(CliOutput.displayWidth(line), columns)
      // oxlint-disable-next-line no-control-regex
      assert.notMatch(line, /[\u0000-\u001f\u007f-\u009f]/)
    }
    assert.include(shown.join("\n"), "45/100")
  })
})

describe("a batch in one line", () => {
  const line = (columns: number) => batchLine({ ...model(), columns })
  it("tells as much as fits", () => {
    assert.strictEqual(
      line(120),
      "[=========>            ] 45/100 complete (3 failed, 10 running, 42 queued) · 2m 30s · ETA: 3m 15s · €0.90"
    )
    assert.strictEqual(line(70), "[=======>         ] 45/100 complete (3 failed, 10 running, 42 queued)")
    assert.strictEqual(line(20), "[===>      ] 45/100")
  })
})
