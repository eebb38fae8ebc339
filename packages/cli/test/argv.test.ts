import { assert, describe, it } from "@effect/vitest"
import { arrange, type Flags, given, runs, withSettings } from "../src/argv.ts"

const flags: Flags = new Map([
  ["--env", { name: "env", takesValue: true }],
  ["-e", { name: "env", takesValue: true }],
  ["--memory", { name: "memory", takesValue: true }],
  ["--batch", { name: "batch", takesValue: true }],
  ["--parallel", { name: "parallel", takesValue: true }],
  ["--detach", { name: "detach", takesValue: false }],
  ["-d", { name: "detach", takesValue: false }],
  ["--json", { name: "json", takesValue: false }],
  ["--help", { name: "help", takesValue: false }]
])

const text = "parser.add_argument('--json')\nparser.add_argument('-d')\n"

const arranged = (line: string, script = "") => arrange(line.split(" "), flags, () => script).join(" ")

describe("whose flag is whose", () => {
  it("takes flags before the script", () => {
    assert.strictEqual(arranged("run --env A=1 -d p.py in.json"), "run --env A=1 -d -- p.py in.json")
    assert.strictEqual(arranged("run --env=A=1 p.py"), "run --env=A=1 -- p.py")
  })
  it("takes a known flag behind the script when the script does not speak of it", () => {
    assert.strictEqual(arranged("run p.py in.json --env A=1 out"), "run --env A=1 -- p.py in.json out")
    assert.strictEqual(arranged("run p.py --detach --env=A=1"), "run --detach --env=A=1 -- p.py")
  })
  it("leaves the script what its text names", () => {
    assert.strictEqual(arranged("run p.py --json -d --detach", text), "run --detach -- p.py --json -d")
    assert.strictEqual(arranged("run p.sh -d x", "while getopts 'ad:' o; do :; done"), "run -- p.sh -d x")
    assert.strictEqual(arranged("run p.py --json=1", text), "run -- p.py --json=1")
  })
  it("does not take a word for a short flag because it occurs inside another", () => {
    assert.strictEqual(arranged("run p.py -d", "some-dir --detach"), "run -d -- p.py")
  })
  it("leaves the script what is unknown, and what all scripts have", () => {
    assert.strictEqual(arranged("run p.py --epochs 3 -x"), "run -- p.py --epochs 3 -x")
    assert.strictEqual(arranged("run p.py --help --version"), "run -- p.py --help --version")
  })
  it("leaves the script all behind --", () => {
    assert.strictEqual(arranged("run p.py a -- --env A=1 -- b"), "run -- p.py a --env A=1 -- b")
    assert.strictEqual(arranged("run --detach -- p.py --env A=1"), "run --detach -- p.py --env A=1")
  })
  it("takes a lone dash for a word", () => {
    assert.strictEqual(arranged("run p.py - --env A=1"), "run --env A=1 -- p.py -")
  })
  it("lets a flag without its value be refused by the parser", () => {
    assert.strictEqual(arranged("run p.py --env"), "run --env -- p.py")
  })
  it("takes all values of --batch behind the script, up to the next flag", () => {
    assert.strictEqual(
      arranged("run p.py --batch a.csv b.csv --parallel 50"),
      "run --batch=a.csv --batch=b.csv --parallel 50 -- p.py"
    )
    assert.strictEqual(arranged("run p.py --n 3 --batch a b -- c --env"), "run --batch=a --batch=b -- p.py --n 3 c --env")
    assert.strictEqual(arranged("run p.py --batch a --epochs 3 --batch b"), "run --batch=a --batch=b -- p.py --epochs 3")
    assert.strictEqual(arranged("run p.py --batch=a b"), "run --batch=a -- p.py b")
    assert.strictEqual(arranged("run p.py --batch -"), "run --batch=- -- p.py")
    assert.strictEqual(arranged("run p.py --batch"), "run --batch -- p.py")
    assert.strictEqual(arranged("run p.py --batch --json"), "run --batch --json -- p.py")
  })
  it("takes one value of --batch before the script", () => {
    assert.strictEqual(arranged("run --batch *.csv p.py a b"), "run --batch *.csv -- p.py a b")
  })
  it("leaves the script a --batch that its text names, but not for a longer flag in it", () => {
    assert.strictEqual(arranged("run p.py --batch a b", 'add_argument("--batch")'), "run -- p.py --batch a b")
    assert.strictEqual(arranged("run p.py --batch a b", 'add_argument("--batch-size")'), "run --batch=a --batch=b -- p.py")
  })
  it("takes ten thousand values of --batch", () => {
    const values = Array.from({ length: 10_000 }, (_, index) => `${index}.csv`)
    const words = arrange(["run", "p.py", "--batch", ...values], flags, () => "")
    assert.deepStrictEqual(words, ["run", ...values.map((value) => `--batch=${value}`), "--", "p.py"])
  })
  it("touches no other command", () => {
    assert.strictEqual(arranged("status exec_1 --json"), "status exec_1 --json")
    assert.strictEqual(arranged("--json list"), "--json list")
    assert.strictEqual(arranged("run"), "run")
    assert.strictEqual(arranged("run --help"), "run --help")
  })
})

describe("--tail", () => {
  it("means 100 without a number", () => {
    assert.strictEqual(arranged("logs --tail exec_1"), "logs --tail 100 exec_1")
    assert.strictEqual(arranged("logs exec_1 --tail"), "logs exec_1 --tail 100")
    assert.strictEqual(arranged("logs --tail 5 exec_1"), "logs --tail 5 exec_1")
  })
})

const words = (line: string) => line.split(" ")

describe("a project's settings", () => {
  const settings = [
    { flag: "memory", value: "1g", many: false },
    { flag: "env", value: "A=1", many: true },
    { flag: "region", value: "eu", many: false }
  ]
  const added = (line: string) => withSettings(words(line), flags, settings).join(" ")

  it("stand before the flags that are given, for flags there are", () => {
    assert.strictEqual(added("run --detach -- p.py"), "run --memory=1g --env=A=1 --detach -- p.py")
  })
  it("give way to a flag that is given, and stand beside one that may be given again", () => {
    assert.strictEqual(added("run --memory 2g -- p.py"), "run --env=A=1 --memory 2g -- p.py")
    assert.strictEqual(added("run -e B=2 -- p.py --memory 3g"), "run --memory=1g --env=A=1 -e B=2 -- p.py --memory 3g")
  })
  it("count for a run of a script only", () => {
    assert.isTrue(runs(words("run --detach -- p.py --help"), flags))
    for (const line of ["status", "run --help", "run --spec job.json"]) assert.isFalse(runs(words(line), flags))
  })
  it("know what is given, however it is written", () => {
    assert.deepStrictEqual(given(words("run -e A=1 --env=B=2 -d -- p.py -e C=3"), flags), [
      ["env", "A=1"],
      ["env", "B=2"],
      ["detach", ""]
    ])
  })
})
