import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { fingerprint } from "../../../src/domain/causes/fingerprint.ts"
import { lastLines } from "../../../src/domain/causes/lastLines.ts"
import { withoutValues } from "../../../src/domain/causes/withoutValues.ts"
import type { Failure } from "../../../src/domain/Failure.ts"
import { causeOf, said } from "./said.ts"

/** The failure that a runner would settle for what an interpreter really said. */
const failureOf = (name: string, text: string): Failure => {
  const words = said(name, text)
  const cause = causeOf(words)
  const told = { ...(cause === null ? {} : { cause }), tail: lastLines(words.stderr) }
  return words.signal === null
    ? { _tag: "ScriptExited", code: words.exitCode!, ...told }
    : { _tag: "ScriptSignaled", signal: words.signal, ...told }
}

const exited = (code: number, tail: string): Failure => ({ _tag: "ScriptExited", code, tail })

/** Scripts whose ends have one cause; a row is another cause than every other row. */
const scripts: ReadonlyArray<readonly [what: string, ...ends: ReadonlyArray<readonly [name: string, text: string]>]> = [
  ["a number that is none", ["a.py", "float('N/A')"], ["a.py", "x = 1\nfloat('12,5')"], ["a.py", "float(\"it's\")"]],
  ["an int that is none", ["a.py", "int('x')"], ["a.py", "int('99 y')"]],
  ["a file that is not there", ["a.py", "open('data/1.csv')"], ["a.py", "open('/srv/Neue Daten.tsv')"], ["a.sh", "cat 7.txt"]],
  ["a module", ["a.py", "import yaml_no"], ["a.py", "# once more\n\nimport yaml_no"]],
  ["another module", ["a.py", "import yaml_neither"]],
  ["a name of the script's", ["a.py", "None.text"]],
  ["another name of the script's", ["a.py", "None.href"]],
  ["what is no mapping, of Node", ["a.js", "null.rows"], ["a.js", "// 2\nnull.rows"]],
  ["another name, of Node", ["a.js", "null.columns"]],
  ["an assertion without words", ["a.py", "assert 1 > 2"], ["a.py", "assert 3 > 4"]],
  ["another assertion without words", ["a.py", "x = 1\nassert x > 2"]],
  ["a key", ["a.py", "{}['ORD-17']"], ["a.py", "{}['Ord, 18']"], ["a.py", "{}[19]"]],
  ["a key elsewhere", ["a.py", "prices = {}\nprices['ORD-17']"]],
  [
    "an error of the script's own class",
    ["a.py", "class BadRow(Exception): pass\nraise BadRow('row 12 of in/a.csv has 3 columns')"],
    ["a.py", "class BadRow(Exception): pass\nraise BadRow('row 1 of b.csv has 1 column')"]
  ],
  ["an error in words", ["a.py", "raise ValueError('empty table: a.csv')"], ["a.py", "raise ValueError('empty table: b-2.parquet')"]],
  ["an error in other words", ["a.py", "raise ValueError('no header: a.csv')"]],
  ["the same words of another error", ["a.py", "raise RuntimeError('empty table: a.csv')"]],
  ["JSON", ["a.py", "import json\njson.loads('{')"], ["a.py", "import json\n\njson.loads('{\\n\\n ')"]],
  ["JSON, of Node", ["a.js", "JSON.parse('{\"a\": x}')"], ["a.js", "JSON.parse('{\"abc\": x}')"]],
  ["an error of Node's", ["a.js", "throw new Error('no such order: 12')"], ["a.js", "throw new Error('no such order: 4f-11')"]],
  ["memory", ["a.py", "bytearray(10**15)"], ["a.py", "[0] * 10**14"]],
  ["the disk", ["a.sh", "echo x > /dev/full"], ["a.js", "require('fs').writeFileSync('/dev/full', 'x')"]],
  ["a command", ["a.sh", "ffmpg -i 1.mp4"], ["a.sh", "\nffmpg -i 2.mp4 out.mp3"]],
  ["another command", ["a.sh", "magik 1.png"]],
  ["a service that does not run", ["a.js", "require('net').connect(1, '127.0.0.1')"], ["a.sh", "echo x > /dev/tcp/127.0.0.1/1"]],
  ["what a script says at its end", ["a.py", "import sys\nsys.exit('17.csv: nothing to do')"], ["a.py", "import sys\nsys.exit('b.csv: nothing to do')"]],
  ["a code without words", ["a.sh", "exit 3"]],
  ["another code without words", ["a.sh", "exit 4"]],
  ["a signal", ["a.sh", "kill -SEGV $$"]],
  ["another signal", ["a.sh", "kill -ABRT $$"]],
  ["a program of the script's that was killed", ["a.sh", "bash -c 'kill -9 $$'"], ["a.sh", "true\nbash -c 'kill -9 $$'; exit 137"]]
]

const others: ReadonlyArray<readonly [what: string, ...ends: ReadonlyArray<Failure>]> = [
  ["the time", { _tag: "TimedOut", seconds: 5 }, { _tag: "TimedOut", seconds: 12.5 }],
  [
    "the memory allowed",
    { _tag: "OutOfMemory", limitBytes: 1, peakBytes: 1 },
    { _tag: "OutOfMemory", limitBytes: null, peakBytes: 12 }
  ],
  ["a cancel", { _tag: "Canceled" }],
  ["an upload", { _tag: "UploadExpired" }],
  ["a halt", { _tag: "Halted", by: "halt" }],
  ["others' dependencies", { _tag: "Halted", by: "dependencies" }],
  [
    "dependencies",
    { _tag: "DependenciesFailed", declared: "requirements.txt", reason: "refused", tail: "x\nNo version of nump" },
    { _tag: "DependenciesFailed", declared: "a/requirements.txt", reason: "refused", tail: "No version of nump" }
  ],
  ["slow dependencies", { _tag: "DependenciesFailed", declared: "requirements.txt", reason: "timeout", tail: "" }],
  ["a lost worker", { _tag: "AttemptsLost", attempts: 3, detail: "The worker box-1 went away." }],
  ["a full worker", { _tag: "AttemptsLost", attempts: 3, detail: "The disk is full." }],
  ["an image", { _tag: "ImageMissing", image: "acme/x:1", detail: "404" }],
  ["another image", { _tag: "ImageMissing", image: "acme/x:2", detail: "404" }],
  ["an interpreter", { _tag: "InterpreterMissing", program: "python3", code: "ENOENT", runtime: "bash:latest" }],
  ["an input", { _tag: "InputUnplaceable", path: "/etc/a" }, { _tag: "InputUnplaceable", path: "/etc/b" }],
  [
    "a timestamp before the words",
    exited(2, "2024-05-01 12:00:00,123 ERROR [w-3] pool exhausted"),
    exited(2, "2025-11-30 01:22:13,001 ERROR [w-12] pool exhausted"),
    exited(2, "Nov 3 04:05:06 PM UTC ERROR [12] pool exhausted")
  ],
  [
    "ids and hashes",
    exited(1, "order 123e4567-e89b-12d3-a456-426614174000 rejected by <Worker at 0x7f31c0>"),
    exited(1, "order deadbeef rejected by <Worker at 0x55d0aa10>")
  ],
  [
    "an answer of a service",
    exited(1, "GET https://x.test/a?page=1 failed: status code 404, 12 ms"),
    exited(1, "GET http://y.test:80/b/c failed: status code 404, 7.5 s")
  ],
  ["another answer", exited(1, "GET https://x.test/a?page=1 failed: status code 503, 12 ms")],
  ["what curl was answered", exited(22, "curl: (22) The requested URL returned error: 404")],
  ["what else curl was answered", exited(22, "curl: (22) The requested URL returned error: 503")],
  [
    "an error that the script caught and told",
    exited(1, "psycopg2.errors.UniqueViolation: key (id)=(5) exists, 2024-05-01T12:00:00.125+02:00"),
    exited(1, "psycopg2.errors.UniqueViolation: key (id)=(6) exists, 2024-05-01T12:00:00Z")
  ],
  ["another error that was caught", exited(1, "psycopg2.errors.NotNullViolation: key (id)=(5) exists, 12:00")],
  ["a bar that stood still", exited(1, "12%|#   | 12/99\r99%|####| 99/99\n"), exited(1, "3%|    | 3/99\n\n")],
  ["lists", exited(1, "rows [1, 2, 3] are void"), exited(1, "rows [17] are void"), exited(1, "rows {5: 7} are void")],
  ["a path of Windows", exited(1, "C:\\data\\a.csv: locked"), exited(1, "D:/b_c.csv: locked")],
  ["no file but words with a slash", exited(1, "Input/output error")],
  ["other words", exited(1, "Is a directory")]
]

const rows = [
  ...scripts.map(([what, ...ends]) => [what, ends.map(([name, text]) => failureOf(name, text))] as const),
  ...others.map(([what, ...ends]) => [what, ends] as const)
]

describe("the fingerprint of a failure", () => {
  for (const [what, ends] of rows) {
    it(`is one for ${what}`, () => {
      assert.deepStrictEqual([...new Set(ends.map(fingerprint))], [fingerprint(ends[0]!)])
    })
  }

  it("is another for every other cause", () => {
    const seen = new Map<string, string>()
    for (const [what, ends] of rows) {
      const text = fingerprint(ends[0]!)
      assert.isUndefined(seen.get(text), `${what}: ${text}`)
      seen.set(text, what)
    }
  })

  it("is short and one line, whatever was said", () => {
    for (const tail of ["'".repeat(2048), "a/1 ".repeat(500), "x ".repeat(1000), "((((1,".repeat(300), "\u001b[31m", "\0"]) {
      const text = fingerprint(exited(1, tail))
      assert.isAtMost(text.length, 2100)
      assert.notMatch(text, /\n/)
    }
  })
})

const letters = Schema.String.check(Schema.isPattern(/^[a-z]{1,8}$/))
const name = Schema.Struct({
  folders: Schema.Array(letters).check(Schema.isMaxLength(3)),
  stem: letters,
  extension: Schema.Literals(["csv", "jpg", "tar.gz", "JSON", "h5"])
})
const pathOf = ({ extension, folders, stem }: typeof name.Type): string => [...folders, `${stem}.${extension}`].join("/")
const number = Schema.Int.check(Schema.isBetween({ minimum: -1_000_000, maximum: 1_000_000 }))

describe("words without values", () => {
  const sentences: ReadonlyArray<(path: string, number: number) => string> = [
    (path, number) => `cannot read ${path}: row ${number} is broken`,
    (path, number) => `cannot read '${path}' (line ${number})`,
    (path, number) => `${path}:${number}: broken`,
    (path, number) => `[${number}] ERROR ${path}, got ${number}.5 instead`,
    (path, number) => `{"file": "${path}", "n": ${number}} refused.`,
    (path) => `broken: ${path}.`
  ]
  it.prop("are the same, whatever file and number they speak of", {
    one: name,
    other: name,
    numbers: Schema.Tuple([number, number]),
    index: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: sentences.length - 1 }))
  }, ({ index, numbers, one, other }) => {
    const sentence = sentences[index]!
    assert.strictEqual(
      withoutValues(sentence(pathOf(one), numbers[0])),
      withoutValues(sentence(pathOf(other), numbers[1]))
    )
  })

  it("keep the words", () => {
    assert.strictEqual(withoutValues("can't read 'it's.csv' of e-mail 3"), "can't read … of e-mail …")
    assert.strictEqual(withoutValues("HTTP Error 404: Not Found"), "HTTP Error 404: Not Found")
    assert.strictEqual(withoutValues("[Errno 28] No space left: '/a b/c'"), "[Errno 28] No space left: …")
    assert.strictEqual(
      withoutValues("Command '['ffmpeg', '-i', 'x y.png']' returned non-zero exit status 183."),
      "Command … returned non-zero exit status 183."
    )
  })
})
