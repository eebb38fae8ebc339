/** The page that a job's summary and a pull request show: what others named stays text. */
import { assert, describe, it } from "@effect/vitest"
import { block, code } from "../src/markdown.ts"
import { eurosOf } from "../src/outputs.ts"
import type { Outcome } from "../src/Outcome.ts"
import { report } from "../src/report.ts"

const hostile = "</code><img src=x> @octocat #1 [a](javascript:b) | ` ``` https://evil.example *b* _c_\n\n# head"

const outcome: Outcome = {
  id: "batch_1",
  isBatch: true,
  status: "failed",
  exitCode: 1,
  micros: 12_500,
  isPriced: true,
  millis: 65_000,
  succeeded: 5,
  earlier: 2,
  failed: 3,
  causes: [{ failure: { _tag: "ScriptExited", code: 1, tail: hostile }, count: 3, execution: "exec_1", item: hostile, stderr: `${hostile}\n\`\`\`\`\n` }],
  directory: "/w/outputs",
  files: 4,
  bytes: 2_000_000,
  missing: [hostile],
  unfetched: 0,
  fails: true
}

/** Without the fenced block, in which nothing is obeyed. */
const page = (text: string): string => text.replace(/`````text[\s\S]*`````/, "")

describe("a report", () => {
  it("tells counts, cost, causes and where outputs are", () => {
    const text = report(outcome, "fit.py in.csv", null, "/w")
    for (const part of ["❌", "5 succeeded, 2 of them before, 3 failed", "€0.01", "1m 5s", "4 files (2 MB)", "<code>outputs</code>"]) {
      assert.include(text, part)
    }
  })

  it("keeps names and words of others as text", () => {
    const text = page(report(outcome, hostile, null, "/w"))
    for (const sign of ["<img", "@octocat", "[a]", "https:", " #1", "*b*", "_c_", "\n# head"]) assert.notInclude(text, sign)
    for (const line of text.split("\n").filter((line) => line.startsWith("|"))) assert.isTrue(line.endsWith("|"), line)
  })

  it("links the commit and the run", () => {
    const workflow = { owner: "o", repo: "r", sha: "abcdef0123", pullRequest: 1, api: "", runUrl: "https://g/run", commitUrl: "https://g/commit", job: "", workflow: "" }
    assert.include(report(outcome, "fit.py", workflow, "/w"), "[abcdef0](https://g/commit) · [log](https://g/run)")
  })
})

describe("a block", () => {
  it("is ended by nothing within it", () => {
    assert.strictEqual(block("a ````` b"), "``````text\na ````` b\n``````")
    assert.strictEqual(code("a\nb|`c`"), "<code>a b&#124;&#96;c&#96;</code>")
  })
})

describe("a cost", () => {
  it.each([[0, "0"], [1, "0.000001"], [12_500, "0.0125"], [2_000_000, "2"], [10_000_000, "10"]])("of %i micros is %s", (micros, text) =>
    assert.strictEqual(eurosOf(micros), text))
})
