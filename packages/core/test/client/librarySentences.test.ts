import { assert, describe, it } from "@effect/vitest"
import * as errors from "../../src/client/errors.ts"
import { librarySentence } from "../../src/client/librarySentences.ts"
import { sentence } from "../../src/client/sentences.ts"

const path = "data.txt"
const [detail, url, id] = ["why", "http://grid", "exec_1"]
const nearest = null

/** Of each what its words depend on; a new error without a line here does not compile. */
const examples: { readonly [Tag in errors.ClientError["_tag"]]: ReadonlyArray<errors.ClientError & { readonly _tag: Tag }> } = {
  ScriptMissing: [new errors.ScriptMissing({ path, nearest })],
  ScriptNotAFile: [new errors.ScriptNotAFile({ path })],
  UnknownRuntime: [new errors.UnknownRuntime({ name: "pyton", nearest, known: ["python:3.11"] })],
  RuntimeUnsuitable: [new errors.RuntimeUnsuitable({ script: "a.ts", runtime: "node:20", instead: "node:24" })],
  SyntaxRejected: [new errors.SyntaxRejected({ script: "a.py", text: "SyntaxError: no\n", exitCode: 1 })],
  RuntimeUndetected: [new errors.RuntimeUndetected({ script: "the code" })],
  MalformedEnv: [new errors.MalformedEnv({ pair: "1A" })],
  InputRefused: (["root", "home", "keys", "unreadable", "special", "outside", "missing"] as const).map((reason) =>
    new errors.InputRefused({ path, reason })
  ),
  OptionRefused: [new errors.OptionRefused({ option: "cpu", given: "0", expected: "cores" })],
  IdempotencyKeyReused: [new errors.IdempotencyKeyReused({ key: "k" })],
  IncludeUnmatched: [new errors.IncludeUnmatched({ pattern: "*.cvs" })],
  InputChanged: [new errors.InputChanged({ path })],
  BatchEmpty: [new errors.BatchEmpty({ from: null }), new errors.BatchEmpty({ from: path })],
  BatchTooLarge: [new errors.BatchTooLarge({ most: 250_000 })],
  BatchPatternUnmatched: ["", "dat/*.csv"].map((pattern) => new errors.BatchPatternUnmatched({ pattern, missing: null, nearest })),
  BatchListRefused: (["unreadable", "malformed"] as const).map((reason) =>
    new errors.BatchListRefused({ path, reason, line: null, detail })
  ),
  ReplacementUnknown: [null, "nmae"].map((column) => new errors.ReplacementUnknown({ column, nearest, known: ["name"] })),
  RequirementsMissing: [null, "requirements.txt"].map((from) => new errors.RequirementsMissing({ path, from, nearest })),
  RequirementsRefused: (["malformed", "secret", "outside", "keys", "unreadable", "large", "unknown"] as const).map((reason) =>
    new errors.RequirementsRefused({ path, line: 1, reason, detail })
  ),
  ConnectionIncomplete: (["keyMissing", "urlMissing", "bothMissing", "urlMalformed"] as const).map((reason) =>
    new errors.ConnectionIncomplete({ reason })
  ),
  CredentialsUnusable: (["exposed", "unreadable", "unwritable"] as const).map((reason) =>
    new errors.CredentialsUnusable({ path, reason, detail })
  ),
  ProfileUnknown: [new errors.ProfileUnknown({ name: "prd", nearest, path })],
  ProfileIncomplete: [new errors.ProfileIncomplete({ name: "prod", path, reason: "key" })],
  ConfigRefused: (["malformed", "unknownKey", "wrongValue", "secret", "unreadable", "unset"] as const).map((reason) =>
    new errors.ConfigRefused({ path, line: 3, reason, key: "memory", detail })
  ),
  KeyNotAccepted: (["malformed", "refused"] as const).map((reason) => new errors.KeyNotAccepted({ url, reason })),
  KeyUnknown: [new errors.KeyUnknown({ id })],
  KeyRefused: [new errors.KeyRefused({ url })],
  ExecutionUnknown: [new errors.ExecutionUnknown({ id, nearest })],
  ExecutionAmbiguous: [new errors.ExecutionAmbiguous({ id, matches: [id] })],
  ExecutionUnrepeatable: (["files", "stdin", "members"] as const).map((lacks) => new errors.ExecutionUnrepeatable({ id, lacks })),
  ExecutionUnended: [new errors.ExecutionUnended({ id })],
  BatchUnknown: [new errors.BatchUnknown({ id })],
  ServerUnreachable: [new errors.ServerUnreachable({ url, detail })],
  GridRefused: [new errors.GridRefused({ detail }), new errors.GridRefused({ detail, passing: true })],
  GridNotStarted: [new errors.GridNotStarted({ detail, log: null })],
  NotWritten: (["full", "readOnly", "denied", "other"] as const).map((reason) => new errors.NotWritten({ path, reason, detail }))
}

/** Without the commands that a person may type, and without a script's own arguments. */
const own = (text: string): string => text.replaceAll(/rgrid [a-z]+[^;.]*|--value=\{name\}/g, "")

describe("a program's sentences", () => {
  for (const [tag, all] of Object.entries(examples)) {
    it(`${tag}: name no flag and no directory of a terminal`, () => {
      for (const error of all) {
        const { fix, what, why } = librarySentence(error)
        assert.match(what, /\S.*\.$/)
        assert.notStrictEqual(fix, "")
        for (const text of [what, why, fix]) assert.notMatch(own(text), /--[a-z]|current directory/)
      }
    })
  }

  it("name the options instead", () => {
    const refused = (reason: "outside" | "large") => librarySentence(new errors.RequirementsRefused({ path, line: null, reason, detail })).fix
    assert.strictEqual(refused("large"), "`requirements: \"none\"` installs nothing.")
    assert.strictEqual(refused("outside"), "Copy it into the project, or name it in `requirements`: data.txt")
    const secret = new errors.ConfigRefused({ path, line: 3, reason: "secret", key: "token", detail })
    for (const error of [secret, new errors.InputRefused({ path, reason: "keys" })]) {
      assert.match(librarySentence(error).fix, / in `secrets`\.$/)
    }
    assert.include(librarySentence(new errors.ProfileUnknown({ name: "localhost", nearest, path })).fix, "; `profile: \"local\"` is")
    const relative = "Check the path; it is relative to `cwd`"
    assert.include(librarySentence(new errors.RequirementsMissing({ path, from: null, nearest })).fix, relative)
    assert.include(librarySentence(new errors.InputRefused({ path, reason: "missing" })).fix, relative)
    assert.include(librarySentence(new errors.ScriptMissing({ path, nearest })).fix, relative)
  })

  it("leave the command line its flags", () => {
    const { fix } = sentence(new errors.RequirementsRefused({ path, line: null, reason: "outside", detail }))
    assert.strictEqual(fix, "Copy it into the project, or name it itself: --requirements data.txt")
    assert.include(sentence(new errors.RequirementsMissing({ path, from: null, nearest })).fix, "--requirements none installs nothing.")
  })
})
