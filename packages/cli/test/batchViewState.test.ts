import { assert, describe, it } from "@effect/vitest"
import { BatchViewState } from "../src/commands/batchViewState.ts"
import { batch, member } from "./batches.ts"

const look = { now: 60_000, columns: 80, rows: 24, paint: (_: unknown, text: string) => text }
const screen = (state: BatchViewState): string => state.screen(look).join("\n")
const begun = () => new BatchViewState(batch({ counts: { running: 2, queued: 8 } }), true)

describe("what a view of a batch knows", () => {
  it("does not go back when news overtake each other", () => {
    const state = begun()
    state.changed(batch({ counts: { completed: 3, running: 2, queued: 5 } }))
    state.changed(batch({ counts: { completed: 1, running: 2, queued: 7 } }))
    assert.include(screen(state), "3/10 complete (2 running, 5 queued)")
  })

  it("shows nothing as running that has ended, whichever is told first", () => {
    const state = begun()
    const running = member(1, "a.csv", "running", { startedAt: 0 })
    const ended = { ...member(1, "a.csv", "completed", { seconds: 3 }), id: running.id }
    state.runs([running])
    assert.include(screen(state), "  a.csv")
    state.ended(ended, "outputs/a/")
    state.runs([running])
    assert.notInclude(screen(state), "  a.csv")
    assert.include(screen(state), "✓ a.csv → outputs/a/ (3.0s)")
  })

  it("finds items by number and by id, not by letters that all ids have", () => {
    const state = begun()
    const [first, second] = [member(1, "a.csv", "running", { startedAt: 0 }), member(12, "b.csv", "failed", { seconds: 1 })]
    state.runs([first])
    state.ended(second, null)
    assert.strictEqual(state.find("1"), first)
    assert.strictEqual(state.find("012"), second)
    assert.strictEqual(state.find(second.id), second)
    assert.strictEqual(state.find(second.id.slice(5, 25).toUpperCase()), second)
    assert.isNull(state.find("2"))
    assert.isNull(state.find(second.id.slice(5, 9)))
  })

  it("does not bury what was done under what was canceled", () => {
    const state = begun()
    state.ended(member(1, "a.csv", "completed", { seconds: 1 }), null)
    for (let i = 2; i < 40; i++) state.ended(member(i, `${i}.csv`, "canceled"), null)
    assert.include(screen(state), "✓ a.csv")
  })

  it("tells how long the rest takes once three have ended, and nothing of what does not start", () => {
    const state = begun()
    const now = { ...look, now: 100_000 }
    for (let i = 1; i <= 3; i++) state.ended(member(i, `${i}.csv`, "completed", { createdAt: i, seconds: 10 }), null)
    state.changed(batch({ counts: { completed: 3, running: 2, queued: 5 } }))
    state.runs([4, 5].map((i) => member(i, `${i}.csv`, "running", { startedAt: 100_000 })))
    assert.include(state.screen(now).join("\n"), "ETA: 40s")
    state.changed({ ...state.batch, halted: "halt" })
    assert.include(state.screen({ ...now, now: 102_000 }).join("\n"), "ETA: 8s")
  })

  it("knows when the first item takes a while", () => {
    const state = begun()
    const [first, second] = [member(1, "a.csv", "leased"), member(2, "b.csv", "leased")]
    state.runs([first, second])
    assert.isNull(state.first)
    state.runs([second, first])
    assert.strictEqual(state.first, first.id)
    state.changed(batch({ counts: { completed: 1, running: 2, queued: 7 } }))
    state.runs([first])
    assert.isNull(state.first)
    state.runs([])
    assert.isNull(state.first)
  })

  it("keeps in mind only what can be shown", () => {
    const state = begun()
    for (let i = 1; i <= 2000; i++) state.ended(member(i, `${i}.csv`, i % 2 === 0 ? "completed" : "failed", { seconds: 1 }), null)
    assert.isNull(state.find("1"))
    assert.isNull(state.find("1900"))
    assert.isNotNull(state.find("2000"))
    // Of those that failed more is kept.
    assert.isNotNull(state.find("1901"))
  })
})
