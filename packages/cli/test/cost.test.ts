import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import { executionId } from "rgrid/domain/Id"
import { detailedCsv, isPriced, report, reportCsv } from "../src/output/cost.ts"
import { details, endLine, listing } from "../src/output/execution.ts"
import { execution } from "./executions.ts"

const costs = {
  from: "2026-11-15",
  to: "2026-11-21",
  timeZone: "Europe/Berlin",
  rows: [
    { date: "2026-11-19", executions: 120, computeMicroseconds: 5_400_000_000, micros: 2_160_000 },
    { date: "2026-11-20", executions: 0, computeMicroseconds: 0, micros: 0 },
    { date: "2026-11-21", executions: 3, computeMicroseconds: 36_000_000, micros: 310_000 }
  ],
  total: { executions: 123, computeMicroseconds: 5_436_000_000, micros: 2_470_000 }
}

describe("the cost screen", () => {
  it("has a line for each day on which something ended, and the total", () => {
    assert.strictEqual(
      report(costs, 7),
      "Date        Executions  Compute Time  Cost\n" +
        "2026-11-19  120         1h 30m        €2.16\n" +
        "2026-11-21  3           36s           €0.31\n" +
        "Total (last 7 days): €2.47\n"
    )
    assert.include(report(costs, null), "Total (2026-11-15 to 2026-11-21): €2.47\n")
    assert.include(report(costs, 1), "Total (today): ")
  })

  it("is exact for spreadsheets, and hands them no formula", () => {
    assert.strictEqual(reportCsv(costs).split("\r\n")[1], "2026-11-19,120,5400000000,2160000")
    const line = {
      id: executionId(0),
      state: "completed" as const,
      endedAt: DateTime.makeUnsafe(0),
      computeMicroseconds: 1,
      micros: 2
    }
    const rows = ["=1+1.py", "a,\"b\".py"].map((script) => detailedCsv([{ ...line, script }]).split("\r\n")[1])
    assert.match(rows[0]!, /,'=1\+1\.py,completed,1,2$/)
    assert.match(rows[1]!, /,"a,""b""\.py",completed,1,2$/)
  })
})

describe("an execution's cost", () => {
  const price = { hourlyMicros: 3_600_000_000, slots: 2 }
  const ended = execution({ state: "completed", seconds: 12, cost: { micros: 6_000_000, phase: "estimated", price } })

  it("stands in the last line of a run, unless the machine costs nothing", () => {
    assert.strictEqual(endLine(ended, 0), "Duration: 12s · Cost: €6.00")
    assert.strictEqual(endLine(execution({ state: "completed", seconds: 12 }), 0), "Duration: 12s")
    const little = { micros: 0, phase: "estimated" as const, price: { hourlyMicros: 1, slots: 1 } }
    assert.strictEqual(endLine(execution({ state: "completed", seconds: 12, cost: little }), 0), "Duration: 12s · Cost: €0.00")
    assert.isFalse(isPriced(execution({ state: "queued" })))
  })

  it("stands in list and status, and grows while it runs", () => {
    const now = 100_000
    const running = execution({ state: "running", startedAt: 90_000, cost: { micros: 0, phase: "estimated", price } })
    assert.match(listing([ended, execution({ state: "queued" })], now), /DURATION {2}COST\n.*12s {7}€6\.00\n.*- {9}-\n$/s)
    assert.include(details(running, now), "Cost:       €5.00\n")
    assert.notInclude(details(execution({ state: "queued" }), now), "Cost")
  })
})
