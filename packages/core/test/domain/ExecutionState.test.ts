import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Ending, type Event, finalStates, isFinal, isPlaced, type Life, transition } from "rgrid/domain/ExecutionState"

const fresh: Life = { state: "uploading", fence: 0, lost: 0, retries: 2, cancelRequested: false, failure: null }

const endings: ReadonlyArray<Ending> = [
  { state: "completed", failure: null },
  { state: "failed", failure: { _tag: "ScriptExited", code: 3 } },
  { state: "timed_out", failure: { _tag: "TimedOut", seconds: 5 } },
  { state: "canceled", failure: { _tag: "Canceled" } }
]

/** Random events, fences right and wrong, in any order. */
const Step = Schema.Struct({
  kind: Schema.Literals([
    "Uploaded", "Promoted", "Halted", "UploadExpired", "Claimed", "Started", "Settled", "AttemptLost", "CancelRequested"
  ]),
  fence: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 })),
  pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  counts: Schema.Boolean
})
type Step = typeof Step.Type

const eventOf = (step: Step): Event => {
  switch (step.kind) {
    case "Started":
      return { _tag: "Started", fence: step.fence }
    case "Settled":
      return { _tag: "Settled", fence: step.fence, ending: endings[step.pick]! }
    case "AttemptLost":
      return { _tag: "AttemptLost", fence: step.fence, detail: "worker lost", counts: step.counts }
    case "Uploaded":
      return { _tag: "Uploaded", held: step.counts }
    case "Halted":
      return { _tag: "Halted", by: "halt" }
    default:
      return { _tag: step.kind }
  }
}

const play = (steps: ReadonlyArray<Step>): ReadonlyArray<{ before: Life; event: Event; after: Life; refused: boolean }> => {
  let life = fresh
  return steps.map((step) => {
    const before = life
    const event = eventOf(step)
    const next = transition(life, event)
    life = Result.isSuccess(next) ? next.success : life
    return { before, event, after: life, refused: Result.isFailure(next) }
  })
}

const steps = { all: Schema.Array(Step).check(Schema.isMaxLength(60)) }

describe("the life of an execution", () => {
  it.prop("never leaves a final state, whatever comes", steps, ({ all }) => {
    for (const { after, before, refused } of play(all)) {
      if (isFinal(before.state)) {
        assert.isTrue(refused)
        assert.deepStrictEqual(after, before)
      }
    }
  })

  it.prop("is changed by an attempt only while that attempt holds it", steps, ({ all }) => {
    for (const { before, event, refused } of play(all)) {
      if ("fence" in event && (!isPlaced(before.state) || before.fence !== event.fence)) assert.isTrue(refused)
    }
  })

  it.prop("counts fences up by one, and only by claims", steps, ({ all }) => {
    for (const { after, before, event, refused } of play(all)) {
      assert.strictEqual(after.fence - before.fence, event._tag === "Claimed" && !refused ? 1 : 0)
    }
  })

  it.prop("loses at most retries + 1 counted attempts", steps, ({ all }) => {
    for (const { after } of play(all)) {
      assert.isAtMost(after.lost, after.retries + 1)
      if (after.lost > after.retries) assert.isTrue(isFinal(after.state))
    }
  })

  it.prop("has a failure exactly when it ended without success", steps, ({ all }) => {
    for (const { after } of play(all)) {
      assert.strictEqual(after.failure !== null, isFinal(after.state) && after.state !== "completed")
    }
  })

  it("ends at once when what waits is canceled, and asks when it runs", () => {
    const waiting = transition({ ...fresh, state: "queued" }, { _tag: "CancelRequested" })
    assert.deepInclude(Result.getOrThrow(waiting), { state: "canceled" })
    const running = transition({ ...fresh, state: "running", fence: 1 }, { _tag: "CancelRequested" })
    assert.deepInclude(Result.getOrThrow(running), { state: "running", cancelRequested: true })
  })

  it("does not run again what was to be canceled when its worker is lost", () => {
    const lost = transition(
      { ...fresh, state: "running", fence: 1, cancelRequested: true },
      { _tag: "AttemptLost", fence: 1, detail: "worker lost", counts: true }
    )
    assert.deepInclude(Result.getOrThrow(lost), { state: "canceled" })
  })

  it("costs no retry when the grid itself was away", () => {
    const lost = transition(
      { ...fresh, state: "running", fence: 1, retries: 0 },
      { _tag: "AttemptLost", fence: 1, detail: "outage", counts: false }
    )
    assert.deepInclude(Result.getOrThrow(lost), { state: "queued", lost: 0 })
  })

  it("knows four final states", () => assert.strictEqual(finalStates.filter(isFinal).length, 4))
})
