/** What a script needs beside itself goes with it: what runs here runs there. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { local, TestGrid } from "./harness.ts"

type Tree = Readonly<Record<string, string>>

const place = (grid: TestGrid, tree: Tree): string => {
  const root = grid.workplace()
  for (const [name, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}

const python: Tree = {
  "main.py": [
    "import os, sys",
    "from pathlib import Path",
    "sys.dont_write_bytecode = True",
    "sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))",
    "import shop, helper",
    "from shop.sub import deep",
    "print(shop.NAME, helper.X, deep.Y)",
    "print(open('data/prices.csv').read(), sorted(p.name for p in Path('data').glob('raw/*.txt')))",
    "open('out/result.txt', 'w').write('made')"
  ].join("\n"),
  "shop/__init__.py": "NAME = 'a shop'",
  "shop/sub/__init__.py": "",
  "shop/sub/deep.py": "from .. import NAME\nfrom . import other\nY = other.V + NAME",
  "shop/sub/other.py": "V = 'other '",
  "lib/helper.py": "X = 1",
  "data/prices.csv": "1,2",
  "data/raw/a.txt": "a",
  "out/.keep": "",
  "unused.py": ""
}

const node: Tree = {
  "package.json": JSON.stringify({ type: "module", imports: { "#config": "./src/config.js" } }),
  "main.js": [
    "import { readFileSync } from 'node:fs'",
    "import { a } from './lib/a.js'",
    "import config from '#config'",
    "const { late } = await import('./lib/late.js')",
    "console.log(a, config, late, readFileSync(new URL('./data/t.txt', import.meta.url), 'utf8'))"
  ].join("\n"),
  "lib/a.js": "export { a } from './util/index.js'",
  "lib/util/index.js": "export const a = 'util'",
  "lib/late.js": "export const late = 'late'",
  "src/config.js": "export default 'config'",
  "data/t.txt": "text"
}

describe("--dry-run", () => {
  it("tells what would be sent, and starts no grid", async () => {
    const grid = new TestGrid()
    try {
      const cwd = place(grid, { ...python, ".gitignore": "ignored.csv", "ignored.csv": "", "extra/x.bin": "x" })
      writeFileSync(join(cwd, "main.py"), "import helper\nopen('ignored.csv')\nopen('out/result.txt', 'w')")
      writeFileSync(join(cwd, "helper.py"), "open('data/prices.csv')")
      const args = ["run", "--dry-run", "--include", "extra/*", "--env", "A=b", "main.py"]
      const { code, stderr, stdout } = await grid.run(args, { cwd })
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      expect(stdout.toString()).toBe(`Script:   main.py
Runtime:  python:3.11
Env:      A

Files
  main.py          61 B  the script
  extra/x.bin      1 B   --include extra/*
  helper.py        23 B  import of helper in main.py
  data/prices.csv  3 B   "data/prices.csv" in helper.py

Directories
  out

Left out
  ignored.csv  ignored by .gitignore or .rgridignore  "ignored.csv" in main.py

What is left out travels when it is named: --include PATH.

4 files, 88 B. Nothing was sent.
`)
      expect(await grid.json(args, { cwd })).toMatchObject({ runtime: "python:3.11", env: ["A"], totals: { files: 4, bytes: 88 } })
      expect(existsSync(grid.directory)).toBe(false)
    } finally {
      await grid.down()
    }
  })

  it("tells what would be installed: what is beside the script, what its project says, or what is asked for", async () => {
    const grid = new TestGrid()
    try {
      const root = place(grid, {
        ".git/HEAD": "",
        ".rgrid/config": "requirements: deps/run.txt\n",
        "deps/run.txt": "six\nidna\n-e ../lib\n",
        "lib/pyproject.toml": "[project]\nname = 'lib'\ndependencies = ['certifi']\n",
        "app/main.py": "",
        "app/requirements.txt": "six\n"
      })
      const cwd = join(root, "app")
      const run = (...flags: ReadonlyArray<string>) => grid.run(["run", "--dry-run", ...flags, "main.py"], { cwd })
      const installs = async (...flags: ReadonlyArray<string>) =>
        /^Installs:.*$/m.exec((await run(...flags)).stdout.toString())?.[0]
      expect((await run()).stdout.toString()).toContain(`Installs:  ${join(root, "deps/run.txt")} (3 packages)

Not installed
  ${join(root, "lib")}  your own: travels as what is imported; what it needs is installed
`)
      expect(await installs("--requirements", "requirements.txt")).toBe("Installs:  requirements.txt (1 package)")
      expect(await installs("--requirements", "none")).toBe(undefined)
      writeFileSync(join(root, ".rgrid/config"), "requirements: none\n")
      expect(await installs()).toBe(undefined)
      writeFileSync(join(root, ".rgrid/config"), "")
      expect(await installs()).toBe("Installs:  requirements.txt (1 package)")
      expect(await installs("--batch", "{1..3}")).toBe("Installs:  requirements.txt (1 package)")
      const missing = await run("--requirements", "requirement.txt")
      expect(missing.code).toBe(2)
      expect(missing.stderr).toContain("Did you mean requirements.txt?")
    } finally {
      await grid.down()
    }
  })

  it("refuses a pattern that matches nothing, in a sentence", async () => {
    const grid = new TestGrid()
    try {
      const cwd = place(grid, { "main.py": "" })
      const { code, stderr } = await grid.run(["run", "--include", "*.cvs", "main.py"], { cwd })
      expect(code).toBe(2)
      expect(stderr).toContain("--include *.cvs matches no file.")
      expect(existsSync(grid.directory)).toBe(false)
    } finally {
      await grid.down()
    }
  })
})

const sandboxes = ["process", ...(hasDocker ? ["docker"] : [])] as ReadonlyArray<"process" | "docker">

describe.each(sandboxes)("in the %s sandbox", (sandbox) => {
  let grid: TestGrid
  beforeAll(async () => {
    grid = new TestGrid()
    await grid.up(sandbox)
  })
  afterAll(() => grid.down())

  it.each([
    ["Python", "python3", "main.py", python],
    ["Node", process.execPath, "main.js", node]
  ])("a %s project says what it says here", async (_, program, script, tree) => {
    const expected = await local(program, [script], place(grid, tree))
    expect(expected.code, expected.stderr).toBe(0)
    const there = place(grid, tree)
    const got = await grid.run(["run", script], { cwd: there })
    expect(got.stderr).toBe("")
    expect(got.stdout.toString()).toBe(expected.stdout.toString())
    if (tree === python) expect(readFileSync(join(there, "out/result.txt"), "utf8")).toBe("made")
  })
})
