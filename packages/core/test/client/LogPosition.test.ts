import { assert, describe, it } from "@effect/vitest"
import { LogCursor } from "rgrid/client/LogCursor"
import { logStart, parsePosition, positionText } from "rgrid/client/LogPosition"
import { Shown } from "rgrid/client/Shown"
import { encode, type LogFrame } from "rgrid/domain/LogFrame"

const position = { attempt: 2, offset: 4096, frames: 17, stdout: 900, stderr: 12 }
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (shown: Uint8Array) => new TextDecoder().decode(shown)

describe("a place in a log", () => {
  it("is kept as a text", () => {
    assert.deepStrictEqual(parsePosition(positionText(position)), position)
    assert.deepStrictEqual(parsePosition(positionText(logStart)), logStart)
  })

  it.each(["", "1", "1.2.3.4", "1.2.3.4.5.6", "1.2.3.4.-5", "1.2.3.4.x", "1.2.3.4.9999999999999999", " 1.2.3.4.5"])("is not %j", (given) => {
    assert.isNull(parsePosition(given))
  })

  it("is where a reader goes on, frame by frame", () => {
    const frames = Array.from({ length: 4 }, (_, seq): LogFrame => ({ stream: "stdout", seq, time: 1, offset: seq * 3, bytes: bytes("abc") }))
    const [first, ...rest] = frames.map((frame) => encode(frame))
    const whole = new LogCursor()
    whole.begin(1)
    whole.take(first!)
    const other = new LogCursor()
    other.goOn({ attempt: 1, offset: whole.offset, frames: 1 })
    assert.deepStrictEqual(other.take(Buffer.concat(rest)).map(({ seq }) => seq), [1, 2, 3])
    const passing = new LogCursor()
    passing.goOn({ attempt: 1, offset: 0, frames: 0 })
    passing.pass(frames)
    assert.strictEqual(passing.offset, other.offset)
  })
})

describe("what was read elsewhere", () => {
  it("is not shown again by a new attempt, which is taken to repeat it", () => {
    const shown = new Shown({ stdout: 8, stderr: 0 })
    assert.strictEqual(text(shown.fresh("stdout", 0, bytes("one\ntwo\nthree\n"))), "three\n")
    assert.strictEqual(text(shown.fresh("stderr", 0, bytes("err"))), "err")
    assert.deepStrictEqual(shown.totals, { stdout: 14, stderr: 3 })
  })

  it("is compared from where it is known", () => {
    const shown = new Shown({ stdout: 4, stderr: 0 })
    assert.strictEqual(text(shown.fresh("stdout", 4, bytes("at 10:00"))), "at 10:00")
    assert.strictEqual(text(shown.fresh("stdout", 0, bytes("????at 10:07"))), "7")
  })
})
