import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { drawn, durationsOf, leftOf, meanOf } from "../../src/domain/Durations.ts"
import { eta, type Pace } from "../../src/domain/Eta.ts"

const pace = (over: Partial<Pace>): Pace => ({ took: [], running: [], waiting: 0, places: 1, between: null, ...over })
const times = (count: number, millis: number) => Array.from({ length: count }, () => millis)
/** Equally spread from 1 to `most` seconds. */
const spread = (count: number, most: number) => Array.from({ length: count }, (_, i) => 1000 * (1 + i * (most - 1) / (count - 1)))

describe("how long items take", () => {
  it("is what was seen where nothing runs", () => {
    const known = durationsOf([30, 10, 20], [])
    assert.deepStrictEqual([0, 0.3, 0.4, 0.99].map((share) => drawn(known, share)), [10, 10, 20, 30])
    assert.closeTo(meanOf(known), 20, 1e-9)
  })

  it("counts what runs as longer than it ran so far", () => {
    // Two of four ended after 10 s, two run since 100 s: half of all take longer than that.
    const known = durationsOf([10, 10], [100, 100])
    assert.strictEqual(drawn(known, 0.49), 10)
    assert.isAbove(drawn(known, 0.51), 100)
    assert.isAbove(meanOf(known), 60)
  })

  it("leaves what runs the rest of those that took longer", () => {
    const known = durationsOf([10, 20, 40], [])
    assert.strictEqual(leftOf(known, 15, 0), 5)
    assert.strictEqual(leftOf(known, 15, 0.9), 25)
    assert.strictEqual(leftOf(known, 80, 0.5), 40)
  })
})

describe("the ETA of a batch", () => {
  it("is unknown until three ended, and while nothing runs", () => {
    assert.isNull(eta(pace({ took: [1000, 1000], waiting: 10 })))
    assert.isNull(eta(pace({ took: times(5, 1000), waiting: 10, places: 0 })))
    assert.deepStrictEqual(eta(pace({})), { low: 0, likely: 0, high: 0 })
  })

  it("is exact where every item takes the same", () => {
    const took = times(20, 10_000)
    assert.deepStrictEqual(eta(pace({ took, waiting: 40, places: 10 })), { low: 40_000, likely: 40_000, high: 40_000 })
    const half = eta(pace({ took, running: times(10, 5000), waiting: 40, places: 10 }))
    assert.deepStrictEqual(half, { low: 45_000, likely: 45_000, high: 45_000 })
    // A million is not played item by item: within a round.
    assert.closeTo(eta(pace({ took, waiting: 1_000_000, places: 100 }))!.likely, 100_000_000, 10_000)
  })

  it("is the mean's time where items differ, with a range that holds it", () => {
    const found = eta(pace({ took: spread(100, 19), running: times(10, 2000), waiting: 990, places: 10 }))!
    // 990 items of 10 s in 10 places, and what is left of the first ten.
    assert.isBelow(found.low, 1_000_000)
    assert.isAbove(found.high, 1_000_000)
    assert.closeTo(found.likely, 1_000_000, 80_000)
  })

  it("is wide while little is known and narrow later", () => {
    const width = (took: ReadonlyArray<number>) => {
      const { high, low } = eta(pace({ took, waiting: 1000, places: 10 }))!
      return high - low
    }
    assert.isAbove(width(spread(4, 19)), 2 * width(spread(200, 19)))
  })

  it("is not fooled by the short items, which end first", () => {
    // Half take 1 s, half a minute; ten places have run for 20 s, and no long one has ended.
    const running = times(5, 20_000)
    const naive = 100 * 1000 / 10
    assert.isAbove(eta(pace({ took: times(5, 1000), running, waiting: 100, places: 10 }))!.likely, 10 * naive)
  })

  it("grows with a straggler instead of promising its end", () => {
    const took = times(50, 1000)
    const late = (since: number) => eta(pace({ took, running: [since] }))!.likely
    assert.isAbove(late(60_000), 20_000)
    assert.isAbove(late(600_000), late(60_000))
  })

  it("is not spoiled by one item that took an hour", () => {
    const took = [...times(100, 1000), 3_600_000]
    const { likely } = eta(pace({ took, waiting: 10, places: 10 }))!
    assert.isBelow(likely, 60_000)
  })

  it("counts the moments in which places are empty", () => {
    const short = pace({ took: times(50, 50), waiting: 1000, places: 10 })
    assert.strictEqual(eta(short)?.likely, 5000)
    assert.strictEqual(eta({ ...short, between: 50 })?.likely, 50_000)
  })

  const millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000_000 }))
  it.prop("is a number in order for whatever is seen", {
    took: Schema.Array(millis),
    running: Schema.Array(millis),
    waiting: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })),
    places: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2000 }))
  }, (seen) => {
    const found = eta({ ...seen, between: null })
    if (found === null) return
    assert.isTrue(0 <= found.low && found.low <= found.likely && found.likely <= found.high)
    assert.isTrue(Number.isSafeInteger(found.high))
  })
})
