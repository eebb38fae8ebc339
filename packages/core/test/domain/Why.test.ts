import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { Execution } from "rgrid/domain/Execution"
import { isFinal, State } from "rgrid/domain/ExecutionState"
import { executionId } from "rgrid/domain/Id"
import { median, why } from "rgrid/domain/Why"

const whole = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const blank: Omit<Execution, "state" | "createdAt" | "startedAt" | "endedAt" | "usage" | "cancelRequested"> = {
  id: executionId(0),
  attempt: 1,
  retryOf: null,
  batch: null,
  script: "a.py",
  args: [],
  runtime: "python:3.11",
  cwd: "/",
  resources: { memoryBytes: 100_000_000 },
  timeoutSeconds: null,
  metadata: {},
  env: [],
  exitCode: null,
  failure: null,
  runner: null,
  sandbox: null,
  outputs: { files: 0, bytes: 0 },
  log: { stdoutBytes: 0, stderrBytes: 0 },
  cost: { micros: 0, phase: "estimated", price: null }
}

describe("why", () => {
  it("takes the middle of what was, or of its two middles", () => {
    assert.deepStrictEqual([[], [5], [9, 1, 5], [1, 2, 3, 10]].map(median), [null, 5, 5, 3])
  })

  it.prop("has an answer for any facts, in times that are never negative and never more than there was", {
    state: State,
    step: whole(10_000),
    story: Schema.Array(Schema.Struct({
      type: Schema.Literals(["Accepted", "Uploaded", "Claimed", "Started", "AttemptLost", "CancelRequested", "Settled"]),
      state: State,
      attempt: whole(3)
    })).check(Schema.isMaxLength(12)),
    numbers: Schema.Array(whole(100_000)).check(Schema.isMaxLength(5)),
    flag: Schema.Boolean
  }, ({ flag, numbers, state, step, story }) => {
    const at = (i: number) => DateTime.makeUnsafe(1_700_000_000_000 + i * step)
    const now = at(story.length)
    const [a = 0, b = 0, c = 0] = numbers
    const answer = why({
      execution: {
        ...blank, state, cancelRequested: flag, createdAt: at(0),
        startedAt: flag ? at(1) : null, endedAt: isFinal(state) ? now : null,
        usage: flag ? { cpuMicros: a * 1000, peakMemoryBytes: b } : null
      },
      now,
      events: story.map((event, i) => ({ ...event, at: at(i), data: {} })),
      ahead: a,
      missing: { parts: b, bytes: c },
      leaseUntil: flag ? now : null,
      workerConnected: a % 2 === 0,
      workers: { connected: b, slots: c, busy: a },
      earlier: numbers
    })
    assert.isString(answer.verdict._tag)
    assert.isAtLeast(answer.verdict.millis, 0)
    assert.isTrue(answer.time.every(({ millis }) => millis >= 0))
    assert.isAtMost(answer.time.reduce((sum, { millis }) => sum + millis, 0), story.length * step)
    assert.isTrue(answer.attempts.every(({ millis }) => millis >= 0 && millis <= story.length * step))
  })
})
