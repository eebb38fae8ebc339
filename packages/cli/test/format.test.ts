import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import { distill } from "../src/grid/diagnose.ts"
import { remarks } from "rgrid/client/broughtBackSentences"
import { broughtBack } from "../src/output/broughtBack.ts"
import { ago, count, duration, position, size } from "../src/output/format.ts"
import { outputEvent } from "../src/output/runEvents.ts"
import { hasColor } from "../src/output/style.ts"
import { fields, table } from "../src/output/table.ts"

const before = process.env["NO_COLOR"]
beforeAll(() => {
  process.env["NO_COLOR"] = "1"
})
afterAll(() => {
  if (before === undefined) delete process.env["NO_COLOR"]
})

describe("formats", () => {
  it("writes sizes with one digit", () => {
    assert.deepStrictEqual([0, 999, 1_234_567, 12_000_000].map(size), ["0 B", "999 B", "1.2 MB", "12 MB"])
  })
  it("writes durations as exactly as matters", () => {
    assert.deepStrictEqual([0, 380, 9_949, 12_300, 150_000, 93_784_000].map(duration), [
      "0.0s",
      "0.4s",
      "9.9s",
      "12s",
      "2m 30s",
      "1d 2h"
    ])
  })
  it("writes times as distances", () => {
    const now = 1_000_000_000
    const before = (seconds: number) => ago(DateTime.makeUnsafe(now - seconds * 1000), now)
    assert.deepStrictEqual([1, 59, 125, 7300].map(before), ["just now", "59s ago", "2m ago", "2h ago"])
  })
  it("writes positions", () => {
    assert.deepStrictEqual([-5, 5_000, 65_000, 3_723_000].map(position), ["[00:00]", "[00:05]", "[01:05]", "[1:02:03]"])
  })
  it("counts", () => assert.deepStrictEqual([count(1, "file"), count(3, "file")], ["1 file", "3 files"]))
  it("aligns tables and trails nothing", () => {
    const rows = [["exec_1", "a.py"], ["e", "b"]]
    assert.strictEqual(table(["ID", "SCRIPT"], rows), "ID      SCRIPT\nexec_1  a.py\ne       b\n")
    assert.strictEqual(fields([["Status", "running"], ["Exit Code", null]]), "Status:  running\n")
  })
  it("measures what a terminal shows, not letters", () => {
    assert.strictEqual(table(["A", "B"], [["数据", "x"], ["e\u0301", "y"]]), "A     B\n数据  x\ne\u0301     y\n")
  })
  it("cuts the widest columns to fit a terminal, never the first, and nothing when piped", () => {
    const rows = [["exec_0123456789", "a-long-name-of-a-script.py", "completed"]]
    const shown = table(["ID", "SCRIPT", "STATUS"], rows, { isTTY: true, columns: 40 }).split("\n")
    assert.strictEqual(shown[1], "exec_0123456789  a-long-name…  completed")
    assert.include(table(["ID", "SCRIPT", "STATUS"], rows, { isTTY: false, columns: 40 }), "a-long-name-of-a-script.py")
  })
  it("colours for a terminal, and where it is told to", () => {
    assert.isTrue(hasColor({ isTTY: true }, {}))
    assert.isFalse(hasColor({ isTTY: true }, { NO_COLOR: "1", FORCE_COLOR: "1" }))
    assert.isFalse(hasColor({ isTTY: true }, { TERM: "dumb" }))
    assert.isFalse(hasColor({}, { FORCE_COLOR: "0" }))
    assert.isTrue(hasColor({}, { FORCE_COLOR: "1" }))
  })
})

describe("what came back", () => {
  const nothing = { written: [], refused: [], beside: [], deleted: [], skipped: [] }
  it("names files with sizes, and counts what is beyond five", () => {
    const written = ["a", "b", "c", "d", "e", "f"].map((path) => ({ path, bytes: 1_200_000 }))
    assert.strictEqual(broughtBack({ ...nothing, written: written.slice(0, 1) }), "✓ Downloaded: a (1.2 MB)")
    assert.match(broughtBack({ ...nothing, written }) ?? "", / and 1 more file$/)
    assert.isNull(broughtBack(nothing))
  })
  it("remarks what is not as it would be here", () => {
    const brought = { ...nothing, refused: [{ path: ".git/x", reason: "never" }], deleted: ["in.txt"] }
    const said = ["Not written: .git/x: never", "The script removed in.txt; it is still here"]
    assert.deepStrictEqual(remarks(brought), said)
  })
})

describe("output as JSON", () => {
  const event = (bytes: Uint8Array) => outputEvent({ _tag: "Output", stream: "stdout", bytes, time: 1 })
  it("is text where it can be, and loses nothing where it can't", () => {
    assert.deepInclude(event(new TextEncoder().encode("é\n")), { text: "é\n" })
    assert.deepInclude(event(Uint8Array.of(0xff, 0)), { base64: "/wA=" })
  })
})

describe("why a grid did not start", () => {
  it("is read from its log", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["Error: listen EADDRINUSE: address in use 127.0.0.1:7400\n    at x", "port 7400 is taken by another program"],
      ["write: No space left on device", "the disk is full"],
      ["2026 FATAL:  wrong ownership\n", "Postgres did not start: wrong ownership"],
      ["Error [X]: Cannot find package '@rgrid/server'", "the installation is incomplete: @rgrid/server is missing"],
      ["✗ The runner did not start.\n  Cause: Another runner uses /x.\n", "Another runner uses /x."],
      ["{\"message\":[\"The server is away\",{}],\"level\":\"WARN\"}", "The server is away"],
      ["hello\nError: odd\n    at y\n\nNode.js v24\n", "Error: odd"]
    ]
    for (const [log, meaning] of cases) assert.strictEqual(distill(log), meaning)
    assert.isNull(distill(""))
  })
})
