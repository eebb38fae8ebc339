import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Cause } from "../../../src/domain/causes/Cause.ts"
import { recognise } from "../../../src/domain/causes/recognise.ts"
import { about, causeOf, said } from "./said.ts"

type Expected = Partial<Record<string, unknown>> & { readonly _tag: Cause["_tag"] }

/** A script, and what its end is recognised as. */
const cases: ReadonlyArray<readonly [what: string, name: string, text: string, expected: Expected]> = [
  [
    "Python's missing module, by the package that brings it",
    "a.py",
    "import cv2.nothing",
    { _tag: "ModuleMissing", language: "python", module: "cv2", package: "opencv-python", nearest: null }
  ],
  ["a missing submodule", "a.py", "import json.nothing", { _tag: "ModuleMissing", module: "json.nothing" }],
  ["a module of one's own, misspelt", "a.py", "import helpr", { _tag: "ModuleMissing", package: "helpr", nearest: "helper.py" }],
  [
    "a missing module that is caught and thrown on",
    "a.py",
    "try:\n  import yaml_no\nexcept ImportError as e:\n  raise",
    { _tag: "ModuleMissing", module: "yaml_no" }
  ],
  ["Node's missing package", "a.js", "require('left-pad/x')", { _tag: "ModuleMissing", language: "node", package: "left-pad" }],
  ["one with a scope", "a.mjs", "import '@acme/tools/x'", { _tag: "ModuleMissing", package: "@acme/tools" }],
  [
    "Node's missing file of its own",
    "a.mjs",
    "import './utl.mjs'",
    { _tag: "ModuleMissing", language: "node", package: null, nearest: "lib/util.mjs" }
  ],
  ["Python's missing file", "a.py", "open('dta.csv')", { _tag: "FileMissing", path: "dta.csv", nearest: "data.csv" }],
  ["one that stands elsewhere", "a.py", "open('table.json')", { _tag: "FileMissing", path: "table.json", nearest: "in/table.json" }],
  ["one with a quote in its name", "a.py", "open(\"it's.csv\")", { _tag: "FileMissing", path: "it's.csv", nearest: null }],
  [
    "Node's missing file",
    "a.js",
    "require('fs').readFileSync('/x/dta.csv')",
    { _tag: "FileMissing", path: "/x/dta.csv", nearest: "data.csv" }
  ],
  [
    "one of a promise",
    "a.mjs",
    "import { readFile } from 'node:fs/promises'\nawait readFile('dta.csv')",
    { _tag: "FileMissing", path: "dta.csv", nearest: "data.csv" }
  ],
  ["a program's missing file", "a.sh", "cat dta.csv", { _tag: "FileMissing", path: "dta.csv", nearest: "data.csv" }],
  ["the shell's own", "a.sh", "set -e\nread x < dta.csv", { _tag: "FileMissing", path: "dta.csv", nearest: "data.csv" }],
  ["a listing of what is not there", "a.sh", "ls nothing-at-all", { _tag: "FileMissing", path: "nothing-at-all", nearest: null }],
  ["Python's syntax", "a.py", "x = 1\ndef f(:\n  pass", { _tag: "SyntaxInvalid", line: 2, message: "invalid syntax" }],
  ["Python's indentation", "a.py", "if True:\nx = 1", { _tag: "SyntaxInvalid", line: 2 }],
  ["Node's syntax", "a.js", "let a = 1\nconst = 3", { _tag: "SyntaxInvalid", line: 2, message: "Unexpected token '='" }],
  ["bash's syntax", "a.sh", "echo x\nfoo | | bar", { _tag: "SyntaxInvalid", file: "a.sh", line: 2 }],
  ["bash's missing end", "a.sh", "if true; then\n", { _tag: "SyntaxInvalid", file: "a.sh" }],
  ["bash's missing quote", "a.sh", "echo 'x\n", { _tag: "SyntaxInvalid", file: "a.sh", line: 1 }],
  [
    "what Python may not open",
    "a.py",
    "import errno, os\nraise PermissionError(errno.EACCES, os.strerror(errno.EACCES), '/etc/x')",
    { _tag: "PermissionDenied", path: "/etc/x", reason: "denied" }
  ],
  [
    "what is read-only",
    "a.py",
    "import errno, os\nraise OSError(errno.EROFS, os.strerror(errno.EROFS), '/usr/x')",
    { _tag: "PermissionDenied", path: "/usr/x", reason: "readOnly" }
  ],
  ["what can't be started", "a.sh", "exec ./a.sh", { _tag: "PermissionDenied", reason: "notExecutable" }],
  ["Python's full disk", "a.py", "f = open('/dev/full', 'w')\nf.write('x')\nf.flush()", { _tag: "DiskFull" }],
  ["Node's full disk", "a.js", "require('fs').writeFileSync('/dev/full', 'x')", { _tag: "DiskFull" }],
  ["the shell's full disk", "a.sh", "echo x > /dev/full", { _tag: "DiskFull" }],
  ["Python's memory", "a.py", "bytearray(10**15)", { _tag: "HeapExhausted", language: "python", limitBytes: null }],
  ["a command that is not there", "a.sh", "echo x\nffmpg -i x", { _tag: "CommandMissing", command: "ffmpg" }],
  [
    "a name nobody knows, of Python",
    "a.py",
    "import socket\nsocket.create_connection(('nope.invalid', 80))",
    { _tag: "NetworkFailed", reason: "name", blocked: false }
  ],
  [
    "a name nobody knows, of Node",
    "a.js",
    "require('http').get('http://nope.invalid')",
    { _tag: "NetworkFailed", reason: "name", host: "nope.invalid" }
  ],
  [
    "a name nobody knows, behind Node's fetch",
    "a.mjs",
    "await fetch('http://nope.invalid')",
    { _tag: "NetworkFailed", reason: "name", host: "nope.invalid" }
  ],
  [
    "a port where nobody listens",
    "a.py",
    "import socket\nsocket.create_connection(('127.0.0.1', 1))",
    { _tag: "NetworkFailed", reason: "refused" }
  ],
  [
    "a port where nobody listens, of Node",
    "a.js",
    "require('net').connect(1, '127.0.0.1')",
    { _tag: "NetworkFailed", reason: "refused", host: "127.0.0.1:1" }
  ],
  [
    "any other exception, with its place in the script",
    "a.py",
    "import json\ndef f():\n  json.loads('{')\nf()",
    { _tag: "UncaughtException", type: "json.decoder.JSONDecodeError", line: 3 }
  ],
  ["one without words", "a.py", "assert False", { _tag: "UncaughtException", type: "AssertionError", message: "" }],
  ["one of many lines", "a.py", "raise ValueError('a\\nb')", { _tag: "UncaughtException", message: "a", root: "ValueError: a" }],
  [
    "the last of a chain",
    "a.py",
    "try:\n  1 / 0\nexcept Exception:\n  raise KeyError('k')",
    { _tag: "UncaughtException", type: "KeyError", line: 4 }
  ],
  ["Node's", "a.js", "\nnull.x", { _tag: "UncaughtException", type: "TypeError", line: 2 }],
  ["what is no error, thrown", "a.js", "throw 'dark'", { _tag: "UncaughtException", message: "dark" }],
  ["a promise nobody waits for", "a.js", "Promise.reject(new RangeError('far'))", { _tag: "UncaughtException", type: "RangeError" }]
]

const decode = Schema.decodeUnknownSync(Cause)
const encode = Schema.encodeSync(Cause)

describe("the last words of a script", () => {
  for (const [what, name, text, expected] of cases) {
    it(`tell ${what}`, () => {
      const words = said(name, text)
      const cause = causeOf(words)
      assert.isNotNull(cause, words.stderr)
      assert.deepInclude(cause, expected, words.stderr)
      assert.deepStrictEqual(decode(JSON.parse(JSON.stringify(encode(cause!)))), cause)
    })
  }

  it("tell Node's heap, whose end is a signal", () => {
    const words = said("a.js", "const a = []; for (;;) a.push(new Array(10000).fill('x' + a.length))", ["--max-old-space-size=20"])
    const cause = causeOf(words, { memoryBytes: 1024 ** 3 })
    assert.deepInclude(cause, { _tag: "HeapExhausted", language: "node", limitBytes: 1024 ** 3 })
    assert.strictEqual(words.signal, 6)
  })

  it("tell that there was no network to be had", () => {
    const words = said("a.js", "require('http').get('http://nope.invalid')")
    assert.deepInclude(causeOf(words, { network: "none" }), { _tag: "NetworkFailed", blocked: true })
  })

  const silent: ReadonlyArray<readonly [what: string, name: string, text: string]> = [
    ["a script that only says it failed", "a.py", "import sys\nsys.exit('nothing to do')"],
    ["a code without a word", "a.sh", "exit 3"],
    ["words that look like an exception and are none", "a.sh", "echo 'ValueError: not really' >&2; exit 1"],
    ["a missing command that the script got over", "a.sh", "nope-nope\nexit 4"],
    ["an exception that was ignored at the end", "a.py", "class A:\n  def __del__(self): raise ValueError('x')\nA()\nraise SystemExit(3)"]
  ]
  for (const [what, name, text] of silent) {
    it(`tell nothing of ${what}`, () => assert.isNull(causeOf(said(name, text))))
  }

  it("are found before what follows them, and not when much does", () => {
    const { stderr } = said("a.py", "raise ValueError('x')")
    assert.deepInclude(recognise(`${stderr}bye\n`, about), { type: "ValueError" })
    assert.isNull(recognise(stderr + "going on\n".repeat(30), about))
  })
})

describe("hostile words", () => {
  const long = "a".repeat(70_000)
  const texts = [
    "",
    "\n".repeat(70_000),
    long,
    `${long}: No such file or directory`,
    "a: ".repeat(30_000),
    `${"a: ".repeat(600)}No such file or directorx\n`.repeat(30),
    `Traceback (most recent call last):\n  File "a", line 1\nValueError: ${"\0\uD800".repeat(20_000)}`,
    `x:1\n^\n\nError: ${"('".repeat(900)}\n${`    at ${"(".repeat(900)}\n`.repeat(60)}Node.js v20`,
    `FileNotFoundError: [Errno 2] ${"'".repeat(1900)}`,
    "Traceback (most recent call last):\n".repeat(1800)
  ]
  for (const [index, text] of texts.entries()) {
    it(`are no trouble (${index})`, () => {
      const cause = recognise(text, { ...about, exitCode: 127 })
      const json = JSON.stringify(cause)
      assert.notMatch(json, /\\u0000|\\ud[89a-f]/i)
      if (cause !== null) decode(cause)
    })
  }
})
