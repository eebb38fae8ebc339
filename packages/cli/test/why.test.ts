import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import type { ExecutionEvent } from "rgrid/domain/ExecutionEvent"
import type { State } from "rgrid/domain/ExecutionState"
import { executionId, runnerId } from "rgrid/domain/Id"
import { why, type WhyFacts } from "rgrid/domain/Why"
import { explanation } from "../src/output/why.ts"
import { execution } from "./executions.ts"

const id = executionId(0)
const runner = runnerId(0)
const at = (seconds: number) => DateTime.makeUnsafe(seconds * 1000)
const price = { hourlyMicros: 3_600_000, slots: 2 }

const happened = (
  type: string,
  state: State,
  seconds: number,
  attempt = 0,
  data: ExecutionEvent["data"] = {}
): ExecutionEvent => ({ type, state, attempt, at: at(seconds), data })

const accepted = happened("Accepted", "queued", 0)
const claimed = happened("Claimed", "leased", 2, 1, { runner, sandbox: "docker", price })

const facts = (over: Partial<WhyFacts> & Pick<WhyFacts, "execution">): WhyFacts => ({
  now: at(12),
  events: [accepted],
  ahead: 0,
  missing: { parts: 0, bytes: 0 },
  leaseUntil: null,
  workerConnected: true,
  workers: { connected: 1, slots: 4, busy: 0 },
  earlier: [],
  ...over
})

const shown = (over: Parameters<typeof facts>[0]): string => {
  const all = facts(over)
  // Ids are random behind their time.
  return explanation(all.execution, why(all)).replaceAll(all.execution.id, "exec_1").replaceAll(runner, "run_1")
}

const queued = execution({ id, state: "queued" })

describe("the screen of why", () => {
  it("says what a waiting execution waits for", () => {
    const busy = { connected: 1, slots: 4, busy: 4 }
    assert.strictEqual(
      shown({ execution: queued, workers: busy, ahead: 2 }),
      "Execution:  exec_1  process.py\n" +
        "Status:     queued, for 12s\n" +
        "Why:        All 4 slots are busy. 2 executions are queued before it.\n" +
        "Fix:        Wait, or add slots: rgrid runner --slots N.\n" +
        "Time:       queued 12s (100 %)\n"
    )
    assert.include(shown({ execution: queued, workers: { connected: 0, slots: 0, busy: 0 } }), "No worker is connected. It is the next")
    assert.include(shown({ execution: queued }), "A slot is free.")
    const uploading = execution({ id, state: "uploading" })
    const missing = { parts: 3, bytes: 12_000_000 }
    assert.include(shown({ execution: uploading, missing }), "still to send 3 parts of its files (12 MB).")
    for (const state of ["held", "building"] as const) assert.match(shown({ execution: execution({ id, state }) }), /Why: {8}\w/)
  })

  it("says what a running one is at, and when a silent worker is given up", () => {
    const running = execution({ id, state: "running", startedAt: 2000, cost: { micros: 0, phase: "estimated", price } })
    const events = [accepted, claimed, happened("Started", "running", 2, 1)]
    assert.strictEqual(
      shown({ execution: running, events, earlier: [3000, 4000, 5000] }),
      "Execution:  exec_1  process.py\n" +
        "Status:     running, for 10s\n" +
        "Why:        It runs. Its output: rgrid logs --follow exec_1\n" +
        "Time:       queued 2.0s (17 %), running 10s (83 %)\n" +
        "Usually:    4.0s, the median of 3 earlier runs; this one took 2.5 times as long\n" +
        "Cost:       €0.005 (estimated): its time in a slot, at €3.60 an hour shared by 2 slots\n"
    )
    const lost = shown({ execution: running, events, workerConnected: false, leaseUntil: at(42) })
    assert.include(lost, "Its worker is not connected. If it stays away, another attempt is made in 30s.")
    const canceling = execution({ id, state: "running", startedAt: 2000, cancelRequested: true })
    assert.include(shown({ execution: canceling, events }), "It was asked to end")
    assert.include(shown({ execution: execution({ id, state: "leased" }), events: [accepted, claimed] }), "gets its slot and its inputs ready")
  })

  it("says where the time of an ended one went", () => {
    const phases = { prepareMillis: 6000, slotMillis: 5900, inputsMillis: 20, runMillis: 3000, outputsMillis: 500 }
    const done = execution({
      id,
      state: "completed",
      startedAt: 2000,
      seconds: 10,
      resources: { memoryBytes: 100_000_000 },
      usage: { cpuMicros: 2_900_000, peakMemoryBytes: 95_000_000 }
    })
    const events = [accepted, claimed, happened("Settled", "completed", 12, 1, { phases })]
    assert.strictEqual(
      shown({ execution: done, events }),
      "Execution:  exec_1  process.py\n" +
        "Status:     completed, after 10s\n" +
        "Why:        It did what it was asked.\n" +
        "Time:       queued 2.0s (17 %), image and slot 6.0s (50 %), running 3.0s (25 %), " +
        "bringing outputs back 500 ms (4 %), settling 500 ms (4 %)\n" +
        "CPU:        it kept 1.0 cores busy: it is bound by the processor\n" +
        "Memory:     it used 95 MB of 100 MB; give it more with --memory\n"
    )
    const installed = { ...phases, installMillis: 4000 }
    assert.include(
      shown({ execution: done, events: [accepted, claimed, happened("Settled", "completed", 12, 1, { phases: installed })] }),
      "queued 2.0s (17 %), installing dependencies 4.0s (33 %), image and slot 2.0s (17 %), running 3.0s (25 %)"
    )
    const idle = { ...done, usage: { cpuMicros: 30_000, peakMemoryBytes: null } }
    assert.include(shown({ execution: idle, events }), "it waited 99 % of its time")
  })

  it("says why one failed, and what happened to each attempt", () => {
    const failure = { _tag: "AttemptsLost", attempts: 2, detail: "disk full" } as const
    const failed = execution({ id, state: "failed", startedAt: 8000, seconds: 4, failure, attempt: 2, cost: { micros: 5000, phase: "estimated", price } })
    const events = [
      accepted,
      claimed,
      happened("AttemptLost", "queued", 7, 1, { detail: "worker lost", counts: true }),
      { ...claimed, attempt: 2, at: at(8) },
      happened("AttemptLost", "failed", 12, 2, { detail: "disk full", counts: true })
    ]
    assert.strictEqual(
      shown({ execution: failed, events }),
      "Execution:  exec_1  process.py\n" +
        "Status:     failed, after 4.0s\n" +
        "Why:        The grid lost all 2 attempts. disk full\n" +
        "Fix:        Run it again; --retries N allows more attempts.\n" +
        "Time:       queued 2.0s (17 %), running 5.0s (42 %), queued again 1.0s (8 %), running 4.0s (33 %)\n" +
        "Attempts:   1: run_1 · docker, lost after 5.0s: worker lost (€0.0025)\n" +
        "            2: run_1 · docker, lost after 4.0s: disk full (€0.002)\n" +
        "Cost:       €0.005 (estimated): its time in a slot, at €3.60 an hour shared by 2 slots\n"
    )
    const own = execution({ id, state: "failed", startedAt: 2000, seconds: 1, failure: { _tag: "ScriptExited", code: 3 } })
    assert.include(shown({ execution: own, events: [accepted] }), "Fix:        See its output: rgrid logs exec_1\n")
    for (const state of ["timed_out", "canceled"] as const) {
      assert.match(shown({ execution: execution({ id, state }) }), /Why: {8}\w/)
    }
  })
})
