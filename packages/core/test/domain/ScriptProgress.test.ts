import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { estimate, feed, fractionOf, type Progress, unknown } from "rgrid/domain/ScriptProgress"

const after = (...texts: ReadonlyArray<string>): number | null =>
  fractionOf(texts.reduce((progress: Progress, text) => feed(progress, text), unknown))

describe("progress", () => {
  it("is told by ffmpeg's times", () => {
    const head = "Input #0, mov,mp4, from 'in.mp4':\n  Duration: 00:01:40.00, start: 0.000000, bitrate: 1205 kb/s\n"
    const bar = "frame=  600 fps=120 q=28.0 size=    1024kB time=00:00:25.00 bitrate= 335.5kbits/s speed=4.8x    \r"
    assert.strictEqual(after(head), null)
    assert.strictEqual(after(head, bar), 0.25)
    assert.strictEqual(after(head, bar, bar.replace("25.00", "50.00")), 0.5)
    // 100 % of something else is not the end.
    assert.strictEqual(after(head, bar, "video:100% done\n"), 0.25)
    assert.strictEqual(after("time=00:00:25.00\n"), null)
  })

  it("is told by tqdm, while its bar is drawn and when it is cut", () => {
    const bar = "\rResizing:  45%|████▌     | 45/100 [00:12<00:15,  3.61it/s]"
    assert.strictEqual(after(bar), 0.45)
    for (let cut = 0; cut < bar.length; cut++) assert.strictEqual(after(bar.slice(0, cut), bar.slice(cut)), 0.45)
    assert.strictEqual(after("  0%|          | 0/10 [00:00<?, ?it/s]"), 0)
    assert.strictEqual(after("100%|██████████| 10/10 [00:01<00:00,  9.91it/s]\n"), 1)
  })

  it("is told by epochs, and by the steps within them", () => {
    assert.strictEqual(after("Epoch 3/10\n"), 0.2)
    assert.strictEqual(after("Epoch 3/10\n", "50/100 [====>.....] - ETA: 12s - loss: 0.5\r"), 0.25)
    assert.strictEqual(after("Epoch [1/4], Step 10, Loss: 2.30\n"), 0)
    assert.strictEqual(after("epoch: 2 / 4\n"), 0.25)
  })

  it("is told by counts and percent signs", () => {
    assert.strictEqual(after("Processing 3/12: a.png\n"), 0.25)
    assert.strictEqual(after("item 3 of 12\n"), 0.25)
    assert.strictEqual(after("[5/8] Linking\n"), 0.625)
    assert.strictEqual(after("12.5% done\n"), 0.125)
    assert.strictEqual(after("Progress: 40 %\n"), 0.4)
    assert.strictEqual(after("10%\n20%\n"), 0.2)
  })

  it("is not told by what only looks like it", () => {
    for (const line of ["2026/11/21 done", "a/b 12/x", "/usr/3/4/5", "9/3", "1/1", "150%", "50%2F", "http://h/1/2", ""]) {
      assert.strictEqual(after(`${line}\n`), null, line)
    }
    assert.strictEqual(after(`${"x".repeat(3000)} 5/10\n`), null)
  })

  it.prop("is a share of one or unknown for any text, cut anywhere", {
    texts: Schema.Array(Schema.String)
  }, ({ texts }) => {
    const fraction = after(...texts)
    assert.isTrue(fraction === null || (fraction >= 0 && fraction <= 1))
  })

  const piece = Schema.Literals([
    "Duration: 00:00:10.00", "time=00:00:99.00 ", "time=00:00:05 ", "Epoch 7/3", "Epoch 2/3", "Epoch 0/0", "5/10 ",
    "99999999999/1 ", " 3 of 7 ", "101%", "0.5%", "\r", "\n", "%", "/", "[", "100%|"
  ])
  it.prop("is a share of one for what is made of its own words, however they are cut", {
    pieces: Schema.Array(piece).check(Schema.isMaxLength(30)),
    cut: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 }))
  }, ({ cut, pieces }) => {
    const text = pieces.join("")
    const fraction = after(text)
    assert.isTrue(fraction === null || (fraction >= 0 && fraction <= 1))
    assert.strictEqual(after(text.slice(0, cut), text.slice(cut)), fraction)
  })

  it("keeps little of a line that never ends", () => {
    const progress = Array.from({ length: 1000 }).reduce((now: Progress) => feed(now, "x".repeat(1000)), unknown)
    assert.isBelow(progress.open.length, 3000)
  })
})

describe("an estimate", () => {
  it("follows the output, else what it took before", () => {
    assert.deepStrictEqual(estimate(0.25, 10_000, 5000), { percent: 25, leftMillis: 30_000, source: "output" })
    assert.deepStrictEqual(estimate(0, 10_000, null), { percent: 0, leftMillis: null, source: "output" })
    assert.deepStrictEqual(estimate(null, 3000, 12_000), { percent: 25, leftMillis: 9000, source: "history" })
    assert.deepStrictEqual(estimate(null, 30_000, 12_000), { percent: 99, leftMillis: null, source: "history" })
    assert.deepStrictEqual(estimate(null, 3000, null), { percent: null, leftMillis: null, source: null })
  })

  it.prop("stays within its bounds", {
    fraction: Schema.NullOr(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
    elapsed: Schema.Int,
    usual: Schema.NullOr(Schema.Int)
  }, ({ elapsed, fraction, usual }) => {
    const { leftMillis, percent } = estimate(fraction, elapsed, usual)
    assert.isTrue(percent === null || (Number.isInteger(percent) && percent >= 0 && percent <= 100))
    assert.isTrue(leftMillis === null || leftMillis >= 0)
  })
})
