/** What is made from sources and is in the repository all the same: it must be what the sources make. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { builtinModules } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsdown"
import { withTables } from "../readme.mjs"
import config from "../tsdown.config.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const text = (name: string): string => readFileSync(join(root, name), "utf8")

/** As it is to be committed; a build has written over what lies here. */
const committed = (name: string): string =>
  execFileSync("git", ["show", `:./dist/${name}`], { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 })

describe("dist", () => {
  const directory = mkdtempSync(join(tmpdir(), "rgrid-action-"))
  let built = ""
  beforeAll(async () => {
    await build({ ...config, config: false, cwd: root, outDir: directory, logLevel: "silent" })
    built = readFileSync(join(directory, "index.js"), "utf8")
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it("is committed as its sources make it: npm run build, then git add packages/action/dist", () => {
    assert.isTrue(built === committed("index.js"))
    assert.isTrue(readFileSync(join(directory, "licenses.txt"), "utf8") === committed("licenses.txt"))
  })

  it("is one file that needs nothing but Node, and neither undici nor the server", () => {
    assert.deepStrictEqual(readdirSync(directory).toSorted(), ["index.js", "licenses.txt"])
    const imported = [...built.matchAll(/^import .*?from "([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(([, one, other]) => one ?? other!)
    assert.isAbove(imported.length, 10)
    for (const name of imported) assert.include(builtinModules, name.replace(/^node:/, ""))
    assert.isBelow(Buffer.byteLength(built), 1.7 * 1024 * 1024)
    for (const other of ["node_modules/undici", "packages/server", "dockerode"]) assert.notInclude(built, other)
  })
})

describe("licenses.txt", () => {
  it("has a text of every package in it", () => {
    const texts = committed("licenses.txt").split(`\n${"-".repeat(80)}\n\n`)
    const names = texts.map((text) => text.split(" ", 1)[0])
    for (const name of ["effect", "@actions/core", "@octokit/rest", "bottleneck", "picomatch", "smol-toml"]) assert.include(names, name)
    for (const text of texts) assert.match(text, /^\S+ \d\S* \((MIT|ISC|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0)\)\n\n.*\bas\s+is\b/is)
  })
})

describe("README.md", () => {
  it("tells of every input and output as action.yml does: npm run readme", () => {
    assert.strictEqual(text("README.md"), withTables(text("README.md")))
    assert.include(text("README.md"), "| `script` | The file to run")
  })
})
