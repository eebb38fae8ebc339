import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { LiveLine, type Piece } from "../src/output/liveLine.ts"
import { progressLine } from "../src/output/progress.ts"
import { execution } from "./executions.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (pieces: ReadonlyArray<Piece>): string =>
  pieces.map((piece) => "words" in piece ? `<${piece.words}>` : new TextDecoder().decode(piece.bytes)).join("")

const erased = "<\r\u001b[2K>"

describe("the live line", () => {
  it("stands below whole lines, and is taken away before the script writes", () => {
    const line = new LiveLine({ terminal: true, stdout: true, stderr: true })
    assert.strictEqual(text(line.say("1s")), "<1s>")
    assert.strictEqual(text(line.output("stdout", bytes("a\n"))), `${erased}a\n<1s>`)
    assert.strictEqual(text(line.say("2s")), `${erased}<2s>`)
    assert.strictEqual(text(line.say("2s")), "")
    assert.strictEqual(text(line.clear()), erased)
    assert.strictEqual(text(line.clear()), "")
  })

  it("never wraps, also when the terminal becomes narrower", () => {
    let columns = 12
    const line = new LiveLine({ terminal: true, columns: () => columns, stdout: true, stderr: true })
    assert.strictEqual(text(line.say("running 10s")), "<running 10s>")
    columns = 8
    assert.strictEqual(text(line.say("running 11s")), `${erased}<runnin…>`)
    assert.strictEqual(text(line.output("stdout", bytes("a\n"))), `${erased}a\n<runnin…>`)
  })

  it("keeps away from a line that the script has not ended, as from a bar of its own", () => {
    const line = new LiveLine({ terminal: true, stdout: true, stderr: true })
    line.say("1s")
    assert.strictEqual(text(line.output("stderr", bytes("\r 10%|#"))), `${erased}\r 10%|#`)
    assert.strictEqual(text(line.say("2s")), "")
    assert.strictEqual(text(line.output("stderr", bytes("#\n"))), "#\n<2s>")
  })

  it("is no concern of a stream that goes elsewhere", () => {
    const line = new LiveLine({ terminal: true, stdout: false, stderr: true })
    line.say("1s")
    assert.strictEqual(text(line.output("stdout", bytes("into a file"))), "into a file")
    assert.strictEqual(text(line.say("2s")), `${erased}<2s>`)
  })

  it("is lines where there is no terminal, and none within one of the script's", () => {
    const line = new LiveLine({ terminal: false, stdout: false, stderr: true })
    assert.strictEqual(text(line.say("1s")), "<1s\n>")
    assert.strictEqual(text(line.output("stderr", bytes("half"))), "half")
    assert.strictEqual(text(line.say("2s")), "")
    assert.strictEqual(text(line.output("stderr", bytes(" whole\n"))), " whole\n")
    assert.strictEqual(text(line.say("3s")), "<3s\n>")
  })

  const step = Schema.Struct({
    stream: Schema.Literals(["stdout", "stderr", "say"]),
    text: Schema.Literals(["a", "b\n", "\r", "\n\n", "", "\u001b[31m"])
  })
  it.prop("loses, adds and moves no byte of the script's, and never writes on its lines", {
    steps: Schema.Array(step),
    screen: Schema.Struct({ terminal: Schema.Boolean, stdout: Schema.Boolean, stderr: Schema.Boolean })
  }, ({ screen, steps }) => {
    const line = new LiveLine(screen)
    const wrote = { stdout: "", stderr: "" }
    const expected = { stdout: "", stderr: "" }
    let open = false
    for (const { stream, text: said } of steps) {
      const pieces = stream === "say" ? line.say(said.trim()) : line.output(stream, bytes(said))
      if (stream !== "say") expected[stream] += said
      for (const piece of pieces) {
        if ("words" in piece) {
          assert.isFalse(open, "words on a line of the script's")
          continue
        }
        const own = new TextDecoder().decode(piece.bytes)
        wrote[piece.stream] += own
        if (own !== "" && screen[piece.stream]) open = !own.endsWith("\n")
      }
    }
    assert.deepStrictEqual(wrote, expected)
  })
})

describe("the words of progress", () => {
  it("are what is known, and nothing else", () => {
    const price = { hourlyMicros: 3_600_000_000, slots: 1 }
    const running = execution({ state: "running", startedAt: 0 })
    const priced = execution({ state: "running", startedAt: 0, cost: { micros: 0, phase: "estimated", price } })
    const nothing = { percent: null, leftMillis: null, source: null }
    assert.strictEqual(progressLine(execution({ state: "queued" }), nothing, 0), "queued")
    assert.strictEqual(progressLine(running, nothing, 12_345), "running 12s")
    const told = { percent: 45, leftMillis: 15_000, source: "output" as const }
    assert.strictEqual(progressLine(priced, told, 12_000), "running 12s · 45 % · ETA 15s · Cost: €12.00")
    const usual = { percent: 99, leftMillis: null, source: "history" as const }
    assert.strictEqual(progressLine(running, usual, 30_000), "running 30s · 99 % of the usual time")
  })
})
