/** Whole screens, as files beside this one. `vitest -u` writes them anew. */
import { expect, it } from "vitest"
import { details, listing } from "../src/output/execution.ts"
import { startedWords, storedWords } from "../src/output/wayBack.ts"
import { execution } from "./executions.ts"

const price = { hourlyMicros: 11_900, slots: 1 }
const cost = { micros: 2_470_000, phase: "estimated" as const, price }
const completed = execution({ state: "completed", args: ["in.json"], seconds: 150, cost, outputs: { files: 3, bytes: 12_500_000 } })
const failed = execution({ state: "failed", seconds: 3, exitCode: 3, failure: { _tag: "ScriptExited", code: 3 } })
const running = execution({ state: "running", startedAt: 0 })
const completes = { at: "2026-11-21T05:38:14.000Z", leftMillis: 150_000, percent: 45, source: "output" as const }

/** Ids and times as every machine would show them. */
const same = (text: string): string =>
  text
    .replace(/exec_[0-9a-z]{26}/g, `exec_${"0".repeat(26)}`)
    .replace(/run_[0-9a-z]{26}/g, `run_${"0".repeat(26)}`)
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "2026-11-21 00:00:00")

const id = "exec_00000000000000000000000000"

const screens: Readonly<Record<string, string>> = {
  "list": listing([running, completed, failed], 120_000),
  "status-completed": details(completed, 0),
  "status-running": details(running, 12_000, completes),
  "status-failed": details(failed, 0),
  "status-retry": details(execution({ state: "queued", retryOf: completed.id }), 0),
  "run-detached": startedWords("Execution started", id),
  "retry-detached": startedWords("Retry started", id),
  "run-remote-only": storedWords(id)
}

for (const [name, text] of Object.entries(screens)) {
  it(`${name} is as on record`, () => expect(same(text)).toMatchFileSnapshot(`screens/${name}.txt`))
}
