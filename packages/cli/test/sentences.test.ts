import { assert, describe, it } from "@effect/vitest"
import { ConnectionIncomplete } from "rgrid/client/errors"
import * as errors from "rgrid/client/errors"
import type { Failure } from "rgrid/domain/Failure"
import { BadInput } from "../src/input.ts"
import { exitCodeOf } from "rgrid/client/exitCodeOf"
import { ofFailure } from "../src/output/failures.ts"
import { type CommandError, defect, explain, isCommandError } from "../src/output/sentences.ts"
import { render } from "../src/output/render.ts"

/** One of each; a new error without a line here does not compile. */
const examples: { readonly [Tag in CommandError["_tag"]]: readonly [CommandError & { readonly _tag: Tag }, number] } = {
  ScriptMissing: [new errors.ScriptMissing({ path: "proces.py", nearest: "process.py" }), 2],
  ScriptNotAFile: [new errors.ScriptNotAFile({ path: "src" }), 2],
  UnknownRuntime: [new errors.UnknownRuntime({ name: "pyton", nearest: "python:3.11", known: ["python:3.11"] }), 2],
  RuntimeUnsuitable: [new errors.RuntimeUnsuitable({ script: "a.ts", runtime: "node:20", instead: "node:24" }), 2],
  SyntaxRejected: [new errors.SyntaxRejected({ script: "a.py", text: "  a\n  ^\nSyntaxError: no\n", exitCode: 1 }), 2],
  RuntimeUndetected: [new errors.RuntimeUndetected({ script: "x" }), 2],
  MalformedEnv: [new errors.MalformedEnv({ pair: "1A" }), 2],
  InputRefused: [new errors.InputRefused({ path: "/", reason: "root" }), 2],
  OptionRefused: [new errors.OptionRefused({ option: "cpu", given: "0", expected: "cores" }), 2],
  IdempotencyKeyReused: [new errors.IdempotencyKeyReused({ key: "k" }), 2],
  IncludeUnmatched: [new errors.IncludeUnmatched({ pattern: "*.cvs" }), 2],
  InputChanged: [new errors.InputChanged({ path: "data.csv" }), 2],
  BatchEmpty: [new errors.BatchEmpty({ from: "items.csv" }), 2],
  BatchTooLarge: [new errors.BatchTooLarge({ most: 250_000 }), 2],
  BatchPatternUnmatched: [
    new errors.BatchPatternUnmatched({ pattern: "dat/*.csv", missing: "dat", nearest: "data/*.csv" }),
    2
  ],
  BatchListRefused: [
    new errors.BatchListRefused({ path: "items.csv", reason: "malformed", line: 3, detail: "expect 2, got 1" }),
    2
  ],
  ReplacementUnknown: [new errors.ReplacementUnknown({ column: "nmae", nearest: "name", known: ["name"] }), 2],
  RequirementsMissing: [new errors.RequirementsMissing({ path: "base.txt", from: "requirements.txt", nearest: null }), 2],
  RequirementsRefused: [
    new errors.RequirementsRefused({
      path: "requirements.txt",
      line: 1,
      reason: "secret",
      detail: "an address with a password"
    }),
    2
  ],
  BadInput: [new BadInput({ what: "--memory x is no amount of memory.", fix: "Give it like 512m." }), 2],
  ConnectionIncomplete: [new ConnectionIncomplete({ reason: "keyMissing" }), 2],
  CredentialsUnusable: [
    new errors.CredentialsUnusable({ path: "/h/.rgrid/credentials", reason: "exposed", detail: "0644" }),
    2
  ],
  ProfileUnknown: [new errors.ProfileUnknown({ name: "prd", nearest: "prod", path: "/h/.rgrid/credentials" }), 2],
  ProfileIncomplete: [new errors.ProfileIncomplete({ name: "prod", path: "/h/.rgrid/credentials", reason: "key" }), 2],
  ConfigRefused: [
    new errors.ConfigRefused({ path: "/p/.rgrid/config", line: 3, reason: "unknownKey", key: "memry", detail: "memory" }),
    2
  ],
  KeyNotAccepted: [new errors.KeyNotAccepted({ url: "http://grid", reason: "refused" }), 1],
  KeyUnknown: [new errors.KeyUnknown({ id: "k" }), 2],
  ExecutionUnknown: [new errors.ExecutionUnknown({ id: "exec_1", nearest: null }), 2],
  BatchUnknown: [new errors.BatchUnknown({ id: "batch_0" }), 2],
  ExecutionAmbiguous: [new errors.ExecutionAmbiguous({ id: "exec_0", matches: ["exec_01", "exec_02"] }), 2],
  ExecutionUnrepeatable: [new errors.ExecutionUnrepeatable({ id: "exec_1", lacks: "stdin" }), 2],
  ExecutionUnended: [new errors.ExecutionUnended({ id: "exec_0" }), 2],
  KeyRefused: [new errors.KeyRefused({ url: "http://grid" }), 125],
  ServerUnreachable: [new errors.ServerUnreachable({ url: "http://grid", detail: "ECONNREFUSED" }), 125],
  GridRefused: [new errors.GridRefused({ detail: "the database can't be reached" }), 125],
  GridNotStarted: [new errors.GridNotStarted({ detail: "the disk is full", log: "/g/server.log" }), 125],
  NotWritten: [new errors.NotWritten({ path: "out.json", reason: "full", detail: "ENOSPC", execution: "exec_1" }), 125]
}

describe("sentences for errors", () => {
  for (const [tag, [error, code]] of Object.entries(examples)) {
    it(`${tag}: says what happened and what to do, on one line each`, () => {
      const { exitCode, fix, what, why } = explain(error)
      assert.strictEqual(exitCode, code)
      assert.match(what, /\S.*\.$/)
      assert.notStrictEqual(fix, "")
      for (const line of [what, why, fix]) assert.notInclude(line, "\n")
      assert.isTrue(isCommandError(error))
    })
  }

  it("shows escape sequences in a name instead of obeying them", () => {
    const { what } = explain(new errors.ScriptMissing({ path: "\u001b[31mred.py", nearest: null }))
    assert.include(what, "\\x1b[31mred.py")
  })

  it("calls a defect ours in one line, without a trace", () => {
    const { exitCode, why } = defect(new TypeError("x is not a function\n    at foo"))
    assert.strictEqual(exitCode, 125)
    assert.notInclude(why, "\n")
    assert.isFalse(isCommandError(new TypeError("x")))
  })

  it("renders under labels and leaves out what is not known", () => {
    const text = render("There is no file x.", { what: "There is no file x.", why: "", fix: "Look." })
    assert.strictEqual(text, "✗ There is no file x.\n  Fix:   Look.")
    assert.strictEqual(
      render("Execution failed: exec_1", { what: "It ended.", why: "ValueError", fix: "Mend it." }, "logs"),
      [
        "✗ Execution failed: exec_1",
        "  Error: It ended.",
        "  Cause: ValueError",
        "  Fix:   Mend it.",
        "  Logs:  logs"
      ].join("\n")
    )
  })
})

const failures: { readonly [Tag in Failure["_tag"]]: readonly [Failure & { readonly _tag: Tag }, number] } = {
  ScriptExited: [{ _tag: "ScriptExited", code: 3 }, 3],
  ScriptSignaled: [{ _tag: "ScriptSignaled", signal: 11 }, 139],
  OutOfMemory: [{ _tag: "OutOfMemory", limitBytes: 512 * 1024 ** 2, peakBytes: null }, 137],
  TimedOut: [{ _tag: "TimedOut", seconds: 300 }, 124],
  Canceled: [{ _tag: "Canceled" }, 130],
  InterpreterMissing: [{ _tag: "InterpreterMissing", program: "node", code: "ENOENT", runtime: "python:3.11" }, 127],
  ImageMissing: [{ _tag: "ImageMissing", image: "acme/none:1", detail: "not found" }, 125],
  InputUnplaceable: [{ _tag: "InputUnplaceable", path: "/etc/x" }, 125],
  AttemptsLost: [{ _tag: "AttemptsLost", attempts: 3, detail: "the worker went away" }, 125],
  DependenciesFailed: [{ _tag: "DependenciesFailed", declared: "requirements.txt", reason: "timeout", tail: "" }, 125],
  Halted: [{ _tag: "Halted", by: "halt" }, 130],
  UploadExpired: [{ _tag: "UploadExpired" }, 125]
}

describe("sentences for failed executions", () => {
  for (const [tag, [failure, code]] of Object.entries(failures)) {
    it(`${tag}: exits with ${code}`, () => {
      assert.match(ofFailure(failure).what, /\S.*\.$/)
      assert.strictEqual(exitCodeOf({ failure, state: "failed" }), code)
    })
  }

  it("exits with 0 when completed", () => assert.strictEqual(exitCodeOf({ failure: null, state: "completed" }), 0))

  it("shows the last line of what it said when nothing more is known of it", () => {
    const { fix, why } = ofFailure({ _tag: "ScriptExited", code: 1, tail: "one\nno \u001b[31mred\n" })
    assert.strictEqual(why, "no \\x1b[31mred")
    assert.strictEqual(fix, "See its output.")
  })
})
