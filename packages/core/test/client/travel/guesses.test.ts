import { assert, describe, it } from "@effect/vitest"
import { symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { project, summary } from "./project.ts"

const opening = (...names: ReadonlyArray<string>) => names.map((name) => `open(${JSON.stringify(name)})`).join("\n")

describe("a file that is only guessed", () => {
  it("stays when it may hold keys, by its name or its content", async () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nx"
    const names = ["id_rsa", "a.pem", "b.key", "prod.env", "credentials.json", "notes.txt"]
    const cwd = project({ "main.py": opening(...names), ...Object.fromEntries(names.map((name) => [name, key])) })
    const { files, left } = await summary(cwd)
    assert.deepStrictEqual(files, [])
    assert.deepStrictEqual(left, Object.fromEntries(names.map((name) => [name, "key"])))
  })

  it("stays when it is hidden, ignored, large, or outside the project", async () => {
    const root = project({ "elsewhere/x.csv": "", "work/.cache/c.csv": "", "work/big.csv": "", "work/i.csv": "", "work/ok.csv": "" })
    const cwd = join(root, "work")
    writeFileSync(join(cwd, "big.csv"), Buffer.alloc(10 * 1024 * 1024 + 1))
    writeFileSync(join(cwd, ".gitignore"), "i.csv")
    symlinkSync("../elsewhere/x.csv", join(cwd, "linked.csv"))
    const names = [".cache/c.csv", "big.csv", "i.csv", "../elsewhere/x.csv", "linked.csv", "ok.csv", "/etc/hostname"]
    writeFileSync(join(cwd, "main.py"), opening(...names))
    const { files, left } = await summary(cwd)
    assert.deepStrictEqual(files, ["ok.csv"])
    assert.deepStrictEqual(left, {
      ".cache/c.csv": "hidden",
      "big.csv": "large",
      "i.csv": "ignored",
      [join(root, "elsewhere/x.csv")]: "outside",
      "linked.csv": "outside"
    })
  })

  it("travels, and is not called left out, when it is named as well", async () => {
    const cwd = project({ "main.py": opening("id_rsa"), id_rsa: "k" })
    assert.deepStrictEqual(await summary(cwd, { include: ["id_rsa"] }), { files: ["id_rsa"], directories: [], left: {} })
  })

  it("is judged by every .gitignore and .rgridignore above it, the nearest last", async () => {
    const names = ["a.log", "keep.log", "d/b.log", "d/c.tmp", "build/x.csv", "d/only.csv", "e/deep/f.csv"]
    const root = project({
      ".git/": "",
      ".gitignore": "*.log\n!keep.log\nbuild/\n/p/e/*/\n",
      "p/d/.gitignore": "!b.log\n*.tmp",
      "p/d/.rgridignore": "only.csv",
      // A file can't be taken back from an ignored directory.
      "p/build/.gitignore": "!x.csv",
      "p/main.py": opening(...names),
      ...Object.fromEntries(names.map((name) => [`p/${name}`, ""]))
    })
    const { files, left } = await summary(join(root, "p"))
    assert.deepStrictEqual(files, ["d/b.log", "keep.log"])
    assert.deepStrictEqual(new Set(Object.values(left)), new Set(["ignored"]))
  })

  it("travels from an ignored directory that is worked in", async () => {
    const root = project({
      ".git/": "",
      ".gitignore": "scratch/",
      "scratch/.gitignore": "*.log",
      "scratch/main.py": `${opening("a.csv", "b.log")}\nimport near`,
      "scratch/a.csv": "",
      "scratch/b.log": "",
      "scratch/near.py": ""
    })
    const { files, left } = await summary(join(root, "scratch"))
    assert.deepStrictEqual(files, ["a.csv", "near.py"])
    assert.deepStrictEqual(left, { "b.log": "ignored" })
  })

  it("may be imported from the repository around a package, but not from outside it", async () => {
    const root = project({
      "repo/.git/": "",
      "repo/package.json": "{}",
      "repo/shared/a.js": "",
      "repo/app/package.json": "{}",
      "repo/app/main.js": "import '../shared/a.js'; import '../../stray.js'",
      "stray.js": ""
    })
    const { files, left } = await summary(join(root, "repo/app"), { script: "main.js" })
    assert.deepStrictEqual(files, [join(root, "repo/package.json"), join(root, "repo/shared/a.js"), "package.json"])
    assert.deepStrictEqual(left, { [join(root, "stray.js")]: "outside" })
  })
})

describe("a literal that names a directory", () => {
  it("brings the directory, and its files when they are few and pass the rules", async () => {
    const cwd = project({ "main.py": opening("data"), "data/a.csv": "", "data/.x": "", "data/k.pem": "", "data/deep/b.csv": "", "data/empty/": "" })
    const { directories, files, left } = await summary(cwd)
    assert.deepStrictEqual(files, ["data/a.csv", "data/deep/b.csv"])
    assert.deepStrictEqual(directories, ["data", "data/deep", "data/empty"])
    assert.deepStrictEqual(left, { "data/.x": "hidden", "data/k.pem": "key" })
  })

  it("brings the directory alone when there is too much in it, or git ignores it", async () => {
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`many/${i}`, ""]))
    const large = Object.fromEntries([1, 2, 3].map((i) => [`large/${i}`, new Uint8Array(4 * 1024 * 1024)]))
    const cwd = project({ "main.py": opening("many", "large", "out"), ".gitignore": "out/", "out/old.csv": "", ...many, ...large })
    const { directories, files, left } = await summary(cwd)
    assert.deepStrictEqual(files, [])
    assert.deepStrictEqual(directories, ["large", "many", "out"])
    assert.deepStrictEqual(left, { large: "many", many: "many", out: "ignored" })
  })

  it("is never the working directory or one above it", async () => {
    const root = project({ "p/main.py": `${opening(".", "..", "./", "../p", "p")}\nopen("${"../".repeat(20)}")`, "p/x.csv": "" })
    assert.deepStrictEqual(await summary(join(root, "p")), { files: [], directories: [], left: {} })
  })

  it("is there when a result is written to it", async () => {
    const cwd = project({ "main.py": opening("out/deep/r.json", "none/r.json"), "out/deep/": "", "out/old.csv": "" })
    assert.deepStrictEqual(await summary(cwd), { files: [], directories: ["out/deep"], left: {} })
  })
})

describe("a script that is data", () => {
  it("is not scanned when it is large", async () => {
    const cwd = project({ "main.py": `import a\n#${"x".repeat(4 * 1024 * 1024)}`, "a.py": "" })
    assert.deepStrictEqual((await summary(cwd)).files, [])
  })
})
