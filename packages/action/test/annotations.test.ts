/** From a traceback to a file and line of the repository. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Failure } from "rgrid/domain/Failure"
import { annotationsOf, inWorkspace } from "../src/annotations.ts"

const workspace = mkdtempSync(join(tmpdir(), "rgrid-annotations-"))
const cwd = join(workspace, "part")
const directories = { workspace, cwd }

beforeAll(() => {
  for (const path of ["part/lib", ".git", "part/json"]) mkdirSync(join(workspace, path), { recursive: true })
  for (const path of ["part/top.py", "part/lib/deep.py", ".git/config", "part/json/decoder.py"]) writeFileSync(join(workspace, path), "")
  symlinkSync("/etc/hostname", join(cwd, "link.py"))
})

afterAll(() => rmSync(workspace, { recursive: true }))

const failure: Failure = { _tag: "ScriptExited", code: 1 }
const failed = (stderr: string, number = 1) => ({ failure, count: number, execution: "exec_1", item: null, stderr })
const trace = (...frames: ReadonlyArray<readonly [file: string, line: number]>) =>
  ["Traceback (most recent call last):", ...frames.flatMap(([file, line]) => [`  File "${file}", line ${line}, in f`, "    f()"]), "ValueError: bad", ""].join("\n")

const placeOf = (stderr: string) => {
  const [{ file, line } = {}] = annotationsOf({ causes: [failed(stderr)] }, "top.py", directories)
  return [file, line]
}

describe("an annotation", () => {
  it("is at the script's own frame nearest to the error", () => {
    assert.deepStrictEqual(placeOf(trace([join(cwd, "top.py"), 3], [join(cwd, "lib/deep.py"), 7])), ["part/lib/deep.py", 7])
    assert.deepStrictEqual(placeOf(trace(["top.py", 3], ["/usr/lib/python3.11/json/decoder.py", 355])), ["part/top.py", 3])
    assert.deepStrictEqual(placeOf(trace(["/elsewhere/slot/work/lib/deep.py", 2])), ["part/lib/deep.py", 2])
  })

  it("is at a Node script's", () => {
    const stderr = `file://${cwd}/lib/deep.py:4\nthrow new Error('x')\n      ^\n\nError: x\n    at f (file://${cwd}/lib/deep.py:4:9)\n\nNode.js v24.0.0\n`
    assert.deepStrictEqual(placeOf(stderr), ["part/lib/deep.py", 4])
  })

  it("is at the script where the trace leads elsewhere, or there is none", () => {
    assert.deepStrictEqual(placeOf(trace(["/usr/lib/python3.11/json/decoder.py", 355])), ["part/top.py", undefined])
    assert.deepStrictEqual(placeOf("something else\n"), ["part/top.py", undefined])
  })

  it("is made of at most nine causes", () => {
    const causes = Array.from({ length: 30 }, () => failed(""))
    assert.lengthOf(annotationsOf({ causes }, "top.py", directories), 9)
  })

  it("names an item, and how many are like it", () => {
    const cause = { ...failed(""), item: "in/a.csv" }
    const [one, many] = annotationsOf({ causes: [cause, { ...cause, count: 12 }] }, "top.py", directories)
    assert.match(one!.message, /^in\/a\.csv: /)
    assert.match(many!.message, /^12 items, such as in\/a\.csv: /)
  })
})

describe("a file", () => {
  it.each(["/etc/passwd", "../../outside.py", "link.py", ".git/config", "../.git/config", "gone.py", "", "\0", "lib"])(
    "is no file of the repository: %j",
    (file) => assert.isNull(inWorkspace(file, directories))
  )
})
