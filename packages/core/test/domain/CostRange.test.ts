import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { lastDays, periods, range } from "rgrid/domain/CostRange"

const zone = (name: string) => DateTime.zoneMakeNamedUnsafe(name)
const utc = Date.parse

describe("the days of a report", () => {
  it("end today, where the caller is", () => {
    const now = utc("2026-11-21T23:30:00Z")
    assert.deepStrictEqual(lastDays(7, zone("UTC"), now), { from: "2026-11-15", to: "2026-11-21" })
    assert.deepStrictEqual(lastDays(1, zone("Europe/Berlin"), now), { from: "2026-11-22", to: "2026-11-22" })
    assert.deepStrictEqual(lastDays(2, zone("America/New_York"), now), { from: "2026-11-20", to: "2026-11-21" })
  })

  it("are refused when they do not exist, or are in the wrong order", () => {
    assert.deepStrictEqual(range("2026-02-01", "2026-02-28"), { from: "2026-02-01", to: "2026-02-28" })
    for (const [from, to] of [["2026-02-29", "2026-03-01"], ["2026-03-02", "2026-03-01"], ["x", "2026-03-01"]]) {
      assert.isNull(range(from!, to!))
    }
    assert.isNull(range("1990-01-01", "2026-03-01"))
  })

  it("are as long as the clocks there make them", () => {
    const [spring] = periods({ from: "2026-03-29", to: "2026-03-29" }, zone("Europe/Berlin"), "day")
    assert.deepStrictEqual(spring, {
      name: "2026-03-29", from: utc("2026-03-28T23:00:00Z"), until: utc("2026-03-29T22:00:00Z")
    })
  })

  it("make months", () => {
    const months = periods({ from: "2026-01-15", to: "2026-03-02" }, zone("UTC"), "month")
    assert.deepStrictEqual(months.map(({ name }) => name), ["2026-01", "2026-02", "2026-03"])
    assert.strictEqual(months[2]!.until, utc("2026-03-03T00:00:00Z"))
  })

  it.prop("leave no gap and overlap nowhere", {
    start: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 })),
    days: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 })),
    name: Schema.Literals(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Auckland"])
  }, ({ days, name, start }) => {
    const day = (offset: number) => new Date((start + offset) * 86_400_000).toISOString().slice(0, 10)
    const all = periods({ from: day(0), to: day(days - 1) }, zone(name), "day")
    assert.strictEqual(all.length, days)
    for (const [i, { from, until }] of all.entries()) {
      assert.isBelow(from, until)
      if (i > 0) assert.strictEqual(from, all[i - 1]!.until)
    }
  })
})
