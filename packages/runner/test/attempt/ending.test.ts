import { assert, describe, it } from "@effect/vitest"
import { DiskFull, ImageNotFound, SandboxUnavailable, SlotLost, StartRefused } from "rgrid/ports/Sandbox"
import { type Circumstances, ofExit, ofMisplaced, ofRefusal, type Outcome } from "../../src/attempt/ending.ts"
import { exited } from "../fixtures/FakeSandbox.ts"

const spec = { runtime: "python:3.11", script: "a.py", files: [], network: "open" } as const
const left: Circumstances = { intervention: null, timeoutSeconds: undefined, memoryLimitBytes: 64, stderr: "", spec }
const ended = (told: Extract<Outcome, { readonly _tag: "Ended" }>["told"]): Outcome => ({ _tag: "Ended", told })

describe("an attempt's ending", () => {
  it("is completed only with exit status 0", () => {
    assert.deepStrictEqual(ofExit(exited(), left), ended({ state: "completed", failure: null, exitCode: 0 }))
    assert.deepStrictEqual(
      ofExit(exited({ code: 7 }), left),
      ended({ state: "failed", failure: { _tag: "ScriptExited", code: 7 }, exitCode: 7 })
    )
  })

  it("names the signal, and 128 more as shells do", () => {
    assert.deepStrictEqual(
      ofExit(exited({ code: null, signal: 11 }), left),
      ended({ state: "failed", failure: { _tag: "ScriptSignaled", signal: 11 }, exitCode: 139 })
    )
  })

  it("keeps what its last words tell, with the words", () => {
    const stderr = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nModuleNotFoundError: No module named 'cv2'\n"
    const { told } = ofExit(exited({ code: 1 }), { ...left, stderr }) as Extract<Outcome, { readonly _tag: "Ended" }>
    assert.deepInclude(told.failure, { _tag: "ScriptExited", code: 1, tail: stderr.trimEnd() })
    assert.nestedInclude(told.failure, { "cause._tag": "ModuleMissing", "cause.package": "opencv-python" })
  })

  it("is out of memory when the kernel killed for it and the script failed", () => {
    const failure = { _tag: "OutOfMemory", limitBytes: 64, peakBytes: 1024 } as const
    const killed = exited({ code: null, signal: 9, oomKilled: true })
    assert.deepStrictEqual(ofExit(killed, left), ended({ state: "failed", failure, exitCode: 137 }))
    const noticed = exited({ code: 1, oomKilled: true })
    assert.deepStrictEqual(ofExit(noticed, left), ended({ state: "failed", failure, exitCode: 1 }))
  })

  it("is completed when the script survived a killed child", () => {
    assert.deepStrictEqual(
      ofExit(exited({ oomKilled: true }), left),
      ended({ state: "completed", failure: null, exitCode: 0 })
    )
  })

  it("is ours when we ended it, whatever the script made of the signal", () => {
    for (const exit of [exited(), exited({ code: 143 }), exited({ code: null, signal: 9, oomKilled: true })]) {
      assert.deepStrictEqual(
        ofExit(exit, { ...left, intervention: "timeout", timeoutSeconds: 5 }),
        ended({ state: "timed_out", failure: { _tag: "TimedOut", seconds: 5 }, exitCode: null })
      )
      assert.deepStrictEqual(
        ofExit(exit, { ...left, intervention: "cancel" }),
        ended({ state: "canceled", failure: { _tag: "Canceled" }, exitCode: null })
      )
    }
  })

  it("is lost when the slot's deadline passed", () => {
    assert.strictEqual(ofExit(exited({ code: null, signal: 9, reason: "deadline" }), left)._tag, "Lost")
  })

  it("is final when an input has no place", () => {
    const failure = { _tag: "InputUnplaceable", path: "/etc/x" } as const
    assert.deepStrictEqual(ofMisplaced("/etc/x"), ended({ state: "failed", failure, exitCode: null }))
  })

  it("is the job's own when nothing could start, and lost when the machine failed", () => {
    const tags = [
      new StartRefused({ program: "ruby", code: "ENOENT" }),
      new ImageNotFound({ image: "x", detail: "no" }),
      new SlotLost({ slot: "s", detail: "no" }),
      new SandboxUnavailable({ sandbox: "docker", detail: "no" }),
      new DiskFull({ path: "/" })
    ].map((reason) => {
      const outcome = ofRefusal(reason, "ruby:3")
      return outcome._tag === "Ended" ? outcome.told.failure?._tag : outcome._tag
    })
    assert.deepStrictEqual(tags, ["InterpreterMissing", "ImageMissing", "Lost", "Lost", "Lost"])
  })
})
