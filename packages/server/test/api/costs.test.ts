/** What executions cost, from the runner's price to the report, over the wire. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { CostReport, ExecutionCostPage } from "rgrid/api/Costs"
import { Execution } from "rgrid/domain/Execution"
import { frames } from "./frames.ts"
import { ask, read, server } from "./harness.ts"
import { assigned, say, settlement } from "./runner.ts"

describe("costs over HTTP", () => {
  it.live("are charged at the price the runner told, and reported for its days", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("print()\n", { hourlyMicros: 90_000_000_000 })
      const log = frames(1, 10)
      yield* say(assignment, "settle", settlement(log, { offset: 0, frames: log }))
      const { cost, id } = yield* read(Execution, yield* ask("GET", `/api/v1/executions/${assignment.execution}`))
      assert.deepStrictEqual(cost.price, { hourlyMicros: 90_000_000_000, slots: 1 })
      assert.isAbove(cost.micros, 0)
      const zone = encodeURIComponent("Pacific/Auckland")
      const report = yield* read(CostReport, yield* ask("GET", `/api/v1/costs?days=2&timeZone=${zone}`))
      assert.deepInclude(report.total, { executions: 1, micros: cost.micros })
      assert.strictEqual(report.timeZone, "Pacific/Auckland")
      assert.strictEqual(report.rows.length, 2)
      const page = yield* read(ExecutionCostPage, yield* ask("GET", "/api/v1/costs/executions"))
      assert.deepInclude(page.executions[0], { id, micros: cost.micros, state: "completed" })
      assert.isUndefined(page.next)
      for (const wrong of ["timeZone=Mars/Olympus", "from=2026-02-30", "to=2026-02-01", "days=99999", "days=0"]) {
        const { status } = yield* ask("GET", `/api/v1/costs?${wrong}`)
        assert.include([400, 422], status, wrong)
      }
      assert.strictEqual((yield* ask("GET", "/api/v1/costs", { token: "rgrid_live_wrong" })).status, 401)
    }).pipe(Effect.provide(server)))
})
