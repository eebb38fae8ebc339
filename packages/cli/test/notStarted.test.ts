/** Why a server or a runner did not start, for whoever started it: each names what to mend. */
import { assert, describe, it } from "@effect/vitest"
import { KeyRefused, RunnerAlreadyRunning, SandboxUnavailable, StateDirectoryUnusable } from "@rgrid/runner"
import { distill } from "../src/grid/diagnose.ts"
import { wordsOf } from "../src/part/notStarted.ts"

const cases: ReadonlyArray<readonly [cause: unknown, why: string, fix: string]> = [
  [new KeyRefused({ server: "https://g" }), "https://g refuses the key.", "Set RGRID_API_KEY to a key with scope runner."],
  [
    new StateDirectoryUnusable({ directory: "/x", detail: "it is a file" }),
    "/x can't be used: it is a file",
    "Name another directory with --state."
  ],
  [new RunnerAlreadyRunning({ directory: "/x" }), "Another runner uses /x.", "Stop it, or name another directory with --state."],
  [
    new SandboxUnavailable({ sandbox: "docker", detail: "Docker does not answer." }),
    "Docker does not answer.",
    "Mend that, or choose another: --sandbox process isolates nothing."
  ],
  [new Error("odd\u001b[2J"), "odd\\x1b[2J", "Mend that and start it again."]
]

describe("a runner that did not start", () => {
  it.each(cases)("says why and what to do: %o", (cause, why, fix) => {
    const words = wordsOf("runner", cause)
    assert.strictEqual(words, `✗ The runner did not start.\n  Cause: ${why}\n  Fix:   ${fix}`)
    // As `rgrid up` finds it in the log.
    assert.strictEqual(distill(`${words}\n`), why)
  })
})

describe("a server that did not start", () => {
  const fix = "Mend that and start it again; --data, --port and DATABASE_URL name what it uses."

  it.each([
    [{ _tag: "DataDirectoryUnusable", detail: "/data is a file" }, "/data is a file"],
    [{ _tag: "PortTaken", message: "" }, "PortTaken"],
    [new Error("listen EACCES"), "listen EACCES"],
    ["a word", "a word"]
  ])("says it in the cause's own words: %o", (cause, why) =>
    assert.strictEqual(wordsOf("server", cause), `✗ The server did not start.\n  Cause: ${why}\n  Fix:   ${fix}`))
})
