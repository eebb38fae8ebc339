/** What a person sees of a failed execution, word by word. */
import { assert, describe, it } from "@effect/vitest"
import type { Cause } from "rgrid/domain/causes/Cause"
import type { Failure } from "rgrid/domain/Failure"
import { lastWords, ofFailure } from "../src/output/failures.ts"
import { render } from "../src/output/render.ts"

const screen = (failure: Failure): string => render("Execution failed: exec_1", ofFailure(failure), "rgrid logs exec_1")

const exited = (cause: Cause): Failure => ({ _tag: "ScriptExited", code: 1, cause, tail: `before\n${cause.root}` })

const shown = (error: string, cause: string, fix: string): string =>
  [
    "✗ Execution failed: exec_1",
    `  Error: ${error}`,
    ...(cause === "" ? [] : [`  Cause: ${cause}`]),
    `  Fix:   ${fix}`,
    "  Logs:  rgrid logs exec_1"
  ].join("\n")

type Of<Tag extends Cause["_tag"]> = Extract<Cause, { readonly _tag: Tag }>

/** Each cause, and what to do about it; a new one without a line here does not compile. */
const causes: { readonly [Tag in Cause["_tag"]]: ReadonlyArray<readonly [Omit<Of<Tag>, "_tag" | "root">, fix: string]> } = {
  ModuleMissing: [
    [
      { language: "python", module: "cv2", package: "opencv-python", nearest: null },
      "Add opencv-python to requirements.txt beside the script, or use an image that has it: --runtime IMAGE; a file of your own: --include cv2.py"
    ],
    [
      { language: "python", module: "helpr", package: "helpr", nearest: "helper.py" },
      "Did you mean helper.py? If not: add helpr to requirements.txt beside the script, or use an image that has it: --runtime IMAGE."
    ],
    [
      { language: "node", module: "left-pad", package: "left-pad", nearest: null },
      "Add left-pad to package.json and its lock beside the script, or use an image that has it: --runtime IMAGE."
    ],
    [{ language: "node", module: "./x.mjs", package: null, nearest: null }, "Send it with the script: --include ./x.mjs"],
    [{ language: "node", module: "./utl.mjs", package: null, nearest: "util.mjs" }, "Did you mean util.mjs?"]
  ],
  FileMissing: [
    [{ path: "dta.csv", nearest: "data.csv" }, "Did you mean data.csv?"],
    [{ path: "in/x.csv", nearest: null }, "Name it as an argument, or send it: --include in/x.csv"]
  ],
  SyntaxInvalid: [
    [{ file: "a.py", line: 2, message: "invalid syntax" }, "Correct a.py:2, or choose another version: --runtime."],
    [{ file: null, line: null, message: "x" }, "Correct the script, or choose another version: --runtime."]
  ],
  PermissionDenied: [
    [{ path: "/etc/x", reason: "denied" }, "Check the permissions of /etc/x, or write below the working directory."],
    [{ path: "/usr/x", reason: "readOnly" }, "Write below the working directory: what is made there comes back."],
    [{ path: "./tool", reason: "notExecutable" }, "chmod +x ./tool, then run it again."]
  ],
  DiskFull: [[{}, "Write less, or free space where the grid runs."]],
  HeapExhausted: [
    [{ language: "python", limitBytes: 2 * 1024 ** 3 }, "Give it more: --memory 4g"],
    [{ language: "python", limitBytes: 300 * 1024 ** 2 }, "Give it more: --memory 600m"],
    [
      { language: "node", limitBytes: null },
      "Give it more: --memory 4g --env NODE_OPTIONS=--max-old-space-size=3072"
    ]
  ],
  CommandMissing: [[{ command: "ffmpeg" }, "Choose an image that has ffmpeg: --runtime IMAGE"]],
  NetworkFailed: [
    [{ reason: "name", host: "db", blocked: true }, "The execution has no network: run it without --network none."],
    [{ reason: "name", host: "db", blocked: false }, "Check the name db, and that the worker can resolve it."],
    [{ reason: "name", host: null, blocked: false }, "Check the name, and that the worker can resolve it."],
    [
      { reason: "refused", host: "localhost", blocked: false },
      "localhost is the place where the script runs: name the machine that has the service."
    ],
    [{ reason: "refused", host: "db:5432", blocked: false }, "Check that the service of db:5432 runs and listens on that port."],
    [{ reason: "timeout", host: "db", blocked: false }, "Check that the worker can reach db."],
    [{ reason: "unreachable", host: null, blocked: false }, "Check that the worker can reach the other side."]
  ],
  UncaughtException: [
    [{ type: "ValueError", message: "x", file: "/w/a.py", line: 7 }, "Look at /w/a.py:7."],
    [{ type: "ValueError", message: "x", file: null, line: null }, "See its output."]
  ]
}

describe("the screen of a failed execution", () => {
  for (const [tag, examples] of Object.entries(causes)) {
    for (const [facts, fix] of examples) {
      it(`${tag}: ${fix}`, () => {
        const cause = { _tag: tag, root: "its root line", ...facts } as Cause
        assert.strictEqual(screen(exited(cause)), shown("The script exited with code 1.", "its root line", fix))
      })
    }
  }

  const others: ReadonlyArray<readonly [Failure, string]> = [
    [{ _tag: "ScriptExited", code: 3 }, shown("The script exited with code 3.", "", "See its output.")],
    [{ _tag: "ScriptExited", code: 3, tail: "a\nthe last\n" }, shown("The script exited with code 3.", "the last", "See its output.")],
    [
      { _tag: "ScriptSignaled", signal: 11 },
      shown("SIGSEGV ended the script.", "It touched memory that is not its own.", "See its output.")
    ],
    [{ _tag: "ScriptSignaled", signal: 62 }, shown("Signal 62 ended the script.", "", "See its output.")],
    [
      { _tag: "OutOfMemory", limitBytes: 64 * 1024 ** 2, peakBytes: 63 * 1024 ** 2 },
      shown(
        "The script ran out of memory.",
        "The kernel stopped it: its limit was 64 MiB, it used 63 MiB.",
        "Give it more: --memory 128m"
      )
    ],
    [
      { _tag: "TimedOut", seconds: 90 },
      shown("The script was stopped after 90 seconds.", "That was its timeout.", "Give it more: --timeout 180")
    ]
  ]
  for (const [failure, text] of others) {
    it(`${failure._tag}: ${text.split("\n")[1]!.trim()}`, () => assert.strictEqual(screen(failure), text))
  }

  it("shows the last words, and obeys none of their escape sequences", () => {
    assert.strictEqual(
      lastWords({ _tag: "ScriptExited", code: 1, tail: "a\n\n  \u001b[31mb" }),
      "\nLast lines of stderr:\n  a\n\n    \\x1b[31mb\n"
    )
    assert.strictEqual(lastWords({ _tag: "ScriptExited", code: 1 }), "")
    assert.strictEqual(lastWords({ _tag: "Canceled" }), "")
  })
})
