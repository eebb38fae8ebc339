import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { journey, project, summary } from "./project.ts"

const refused = (cwd: string, argument: string) =>
  Effect.runPromise(journey(cwd, { args: [argument] }).pipe(
    Effect.flip,
    Effect.map((error) => error._tag === "InputRefused" ? error.reason : error._tag)
  ))

describe("what arguments name", () => {
  it("is each file once, and nothing for other words", async () => {
    const cwd = project({ "main.py": "", "in.json": "{}" })
    const found = await summary(cwd, { args: ["in.json", "./in.json", "--input=in.json", "nothing", "", "-v"] })
    assert.deepStrictEqual(found, { files: ["in.json"], directories: [], left: {} })
  })

  it("travels whatever the rules for guesses say", async () => {
    const cwd = project({ "main.py": "", ".gitignore": "*.csv", ".env": "", "a.csv": "", "x.pem": "", "d/.hidden": "" })
    const { files } = await summary(cwd, { args: [".env", "a.csv", "x.pem", "d"] })
    assert.deepStrictEqual(files, [".env", "a.csv", "d/.hidden", "x.pem"])
  })

  it("is a directory with all below it, links as what they point to", async () => {
    const cwd = project({ "main.py": "", "data/deep/ü b.csv": "1", "data/deep/empty/": "", "in.json": "", "else/x.csv": "" })
    symlinkSync(join(cwd, "in.json"), join(cwd, "data/link.json"))
    symlinkSync("../else", join(cwd, "data/other"))
    symlinkSync("nowhere", join(cwd, "data/dangling"))
    const found = await summary(cwd, { args: ["data"] })
    assert.deepStrictEqual(found.files, ["data/deep/ü b.csv", "data/link.json", "data/other/x.csv"])
    assert.deepStrictEqual(found.directories, ["data", "data/deep", "data/deep/empty", "data/other"])
  })

  it("ends though links go round in circles, and leaves out pipes", async () => {
    const cwd = project({ "main.py": "", "data/a/x.csv": "", "data/b/": "" })
    symlinkSync("..", join(cwd, "data/a/up"))
    symlinkSync("../a", join(cwd, "data/b/a"))
    symlinkSync("self", join(cwd, "data/self"))
    execFileSync("mkfifo", [join(cwd, "data/pipe")])
    assert.deepStrictEqual((await summary(cwd, { args: ["data"] })).files, ["data/a/x.csv", "data/b/a/x.csv"])
  })

  it("stands at its own absolute path when it is outside the working directory", async () => {
    const root = project({ "in.json": "", "work/main.py": "" })
    assert.deepStrictEqual((await summary(join(root, "work"), { args: ["../in.json"] })).files, [join(root, "in.json")])
  })

  it("is the directory that a result goes to, if it is here", async () => {
    const cwd = project({ "main.py": "", "out/deep/": "" })
    const args = ["out/deep/result.json", "--to=out/x", "missing/y.json", "plain.json", "../z.json"]
    assert.deepStrictEqual((await summary(cwd, { args })).directories, [dirname(cwd), "out", "out/deep"])
  })

  it("is never the file system, a home directory, what holds homes, or a special file", async () => {
    const cwd = project({ "main.py": "" })
    assert.strictEqual(await refused(cwd, "/"), "root")
    assert.strictEqual(await refused(cwd, homedir()), "home")
    if (dirname(homedir()) !== "/") assert.strictEqual(await refused(cwd, dirname(homedir())), "home")
    execFileSync("mkfifo", [join(cwd, "pipe")])
    assert.strictEqual(await refused(cwd, "pipe"), "special")
  })

  it("is not what every machine has of its own", async () => {
    const cwd = project({ "main.py": "" })
    const { files, left } = await summary(cwd, { args: ["/dev/null", "/usr/bin/env", "--hosts=/etc/hosts"] })
    assert.deepStrictEqual(files, [])
    assert.deepStrictEqual(left, { "/dev/null": "system", "/usr/bin/env": "system", "/etc/hosts": "system" })
  })

  it("is never a key store, nor through a link", async () => {
    const store = join(homedir(), ".rgrid/travel-test")
    mkdirSync(store, { recursive: true })
    onTestFinished(() => rmSync(store, { recursive: true }))
    writeFileSync(join(store, "key"), "k")
    const cwd = project({ "main.py": "", "data/x.csv": "" })
    symlinkSync(store, join(cwd, "data/store"))
    symlinkSync(join(store, "key"), join(cwd, "data/key"))
    assert.strictEqual(await refused(cwd, join(store, "key")), "keys")
    assert.strictEqual(await refused(cwd, "data/store"), "keys")
    assert.strictEqual(await refused(cwd, "data/key"), "keys")
    assert.deepStrictEqual((await summary(cwd, { args: ["data"] })).files, ["data/x.csv"])
  })
})

describe("--include", () => {
  const tree = {
    "main.py": "",
    "data/a.csv": "",
    "data/deep/b.csv": "",
    "data/c.txt": "",
    "node_modules/p/d.csv": "",
    ".venv/e.csv": "",
    "[odd].csv": ""
  }
  const cases: ReadonlyArray<readonly [pattern: string, files: ReadonlyArray<string>]> = [
    ["data/*.csv", ["data/a.csv"]],
    ["./data/*.csv", ["data/a.csv"]],
    ["**/*.csv", ["[odd].csv", "data/a.csv", "data/deep/b.csv"]],
    ["data/**", ["data/a.csv", "data/c.txt", "data/deep/b.csv"]],
    ["data/{a,c}.*", ["data/a.csv", "data/c.txt"]],
    ["{data,node_modules}/**/*.csv", ["data/a.csv", "data/deep/b.csv", "node_modules/p/d.csv"]],
    [".venv/*", [".venv/e.csv"]],
    ["data", ["data/a.csv", "data/c.txt", "data/deep/b.csv"]],
    ["[odd].csv", ["[odd].csv"]]
  ]
  for (const [pattern, files] of cases) {
    it(`${pattern} takes ${files.length}`, async () => {
      assert.deepStrictEqual((await summary(project(tree), { include: [pattern] })).files, files)
    })
  }

  it("takes what stands above the working directory", async () => {
    const root = project({ "shared/a.json": "", "work/main.py": "" })
    const { files } = await summary(join(root, "work"), { include: ["../shared/*.json"] })
    assert.deepStrictEqual(files, [join(root, "shared/a.json")])
  })

  it("is refused when it matches nothing, or starts from the file system or a home", async () => {
    const cwd = project(tree)
    const tag = (pattern: string) =>
      Effect.runPromise(journey(cwd, { include: [pattern] }).pipe(Effect.flip, Effect.map((error) => error._tag)))
    assert.strictEqual(await tag("*.cvs"), "IncludeUnmatched")
    assert.strictEqual(await tag("missing"), "IncludeUnmatched")
    assert.strictEqual(await tag(""), "IncludeUnmatched")
    assert.strictEqual(await tag("/*"), "InputRefused")
    assert.strictEqual(await tag(`${homedir()}/**`), "InputRefused")
  })
})
