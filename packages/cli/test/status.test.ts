import { assert, describe, it } from "@effect/vitest"
import { details, listing } from "../src/output/execution.ts"
import { execution } from "./executions.ts"

const price = { hourlyMicros: 11_900, slots: 1 }
const cost = { micros: 2_470_000, phase: "estimated" as const, price }

/** The screen with this test's ids and times as every machine would show them. */
const screen = (text: string, { id, runner }: ReturnType<typeof execution>): string =>
  text.replaceAll(id, "exec_1").replaceAll(runner ?? "-", "run_1").replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME")

describe("the status screen", () => {
  it("has all there is to say of an ended execution", () => {
    const ended = execution({ state: "completed", args: ["in.json"], seconds: 150, cost, outputs: { files: 3, bytes: 12_500_000 } })
    assert.strictEqual(
      screen(details(ended, 0), ended),
      "Execution:  exec_1\n" +
        "Script:     process.py in.json\n" +
        "Runtime:    python:3.11\n" +
        "Status:     completed\n" +
        "Created:    TIME\n" +
        "Started:    TIME\n" +
        "Completed:  TIME\n" +
        "Duration:   2m 30s\n" +
        "Exit Code:  0\n" +
        "Cost:       €2.47\n" +
        "Worker:     run_1 · docker\n" +
        "Attempts:   1\n" +
        "Outputs:    3 files (12.5 MB)\n"
    )
  })

  it("tells when a running one will likely have ended", () => {
    const running = execution({ state: "running", startedAt: 0 })
    const completes = { at: "2026-11-21T05:38:14.000Z", leftMillis: 150_000, percent: 45, source: "output" as const }
    const shown = screen(details(running, 12_000, completes), running)
    assert.include(shown, "Estimated Completion:  TIME (in 2m 30s, 45 % done)\n")
    assert.include(shown, "Duration:              12s\n")
    assert.notInclude(shown, "Completed:")
    assert.notInclude(screen(details(running, 12_000), running), "Estimated")
  })

  it("is a line of the list", () => {
    const ended = execution({ state: "completed", seconds: 12, cost })
    assert.strictEqual(
      screen(listing([ended], 120_000), ended),
      `ID${" ".repeat(29)}  SCRIPT      STATUS     STARTED  DURATION  COST\n` +
        "exec_1  process.py  completed  2m ago   12s       €2.47\n"
    )
  })
})
