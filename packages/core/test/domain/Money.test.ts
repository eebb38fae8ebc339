import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { costOf, euros, parseEuros } from "rgrid/domain/Money"

const natural = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const slots = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 512 }))

describe("what an attempt costs", () => {
  it("is time times price over slots", () => {
    assert.strictEqual(costOf(3_600_000_000, { hourlyMicros: 11_900, slots: 1 }), 11_900)
    assert.strictEqual(costOf(3_600_000_000, { hourlyMicros: 11_900, slots: 4 }), 2_975)
    assert.strictEqual(costOf(12_000_000, { hourlyMicros: 0, slots: 1 }), 0)
  })

  it("is rounded half up, once", () => {
    assert.strictEqual(costOf(1_800_000_000, { hourlyMicros: 1, slots: 1 }), 1)
    assert.strictEqual(costOf(1_799_999_999, { hourlyMicros: 1, slots: 1 }), 0)
    assert.strictEqual(costOf(-5, { hourlyMicros: 1_000_000, slots: 1 }), 0)
  })

  it.prop("is never further than half a micro from the exact share, in numbers of any size", {
    time: natural(Number.MAX_SAFE_INTEGER), hourlyMicros: natural(100_000), slots
  }, ({ hourlyMicros, slots, time }) => {
    const divisor = 3_600_000_000n * BigInt(slots)
    const off = 2n * (BigInt(time) * BigInt(hourlyMicros) - BigInt(costOf(time, { hourlyMicros, slots })) * divisor)
    assert.isTrue(off < divisor && off >= -divisor)
  })

  it.prop("grows with time and with the price, and shrinks with slots", {
    time: natural(10 ** 13), more: natural(10 ** 10), hourlyMicros: natural(10 ** 9), slots
  }, ({ hourlyMicros, more, slots, time }) => {
    const cost = costOf(time, { hourlyMicros, slots })
    assert.isAtLeast(costOf(time + more, { hourlyMicros, slots }), cost)
    assert.isAtLeast(costOf(time, { hourlyMicros: hourlyMicros + 1, slots }), cost)
    assert.isAtMost(costOf(time, { hourlyMicros, slots: slots + 1 }), cost)
  })
})

describe("amounts", () => {
  it("are shown to the cent, and below it in full", () => {
    const shown = [0, 33, 9_999, 10_000, 14_999, 15_000, 2_470_000, 999_995_000, 12_000_000_000].map(euros)
    assert.deepStrictEqual(shown, [
      "€0.00", "€0.000033", "€0.009999", "€0.01", "€0.01", "€0.02", "€2.47", "€1000.00", "€12000.00"
    ])
  })

  it("are read without loss, or not at all", () => {
    assert.deepStrictEqual(["0", "0.0119", "1.5", "100000"].map(parseEuros), [0, 11_900, 1_500_000, 100_000_000_000])
    for (const text of ["", "-1", "1,5", "0.1234567", "100000.1", "1e3", "€1"]) assert.isNull(parseEuros(text))
  })

  it.prop("come back as they were written", { micros: natural(100_000_000_000) }, ({ micros }) => {
    const text = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`
    assert.strictEqual(parseEuros(text), micros)
  })
})
