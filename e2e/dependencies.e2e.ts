/** What a script needs installed, from the command line: found, installed once, and told of when it can't be. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasDocker } from "../scripts/testing/docker.ts"
import { TestGrid } from "./harness.ts"

/** Of the proxy that this machine may be behind. */
const authorities = process.env["RGRID_CA_BUNDLE"] ?? process.env["NODE_EXTRA_CA_CERTS"]

const sandboxes = ["process", ...(hasDocker ? ["docker" as const] : [])] as const

const python = "import idna, ours\nprint(idna.__version__, ours.name)\nopen('made.txt', 'w').write('made')\n"

for (const sandbox of sandboxes) {
  describe(`what a script needs, over ${sandbox}`, () => {
    let grid: TestGrid
    const place = (files: Readonly<Record<string, string>>): string => {
      const cwd = grid.workplace()
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(cwd, path)), { recursive: true })
        writeFileSync(join(cwd, path), text)
      }
      return cwd
    }
    const run = (cwd: string, ...args: ReadonlyArray<string>) => grid.run(["run", ...args], { cwd })
    /** Directories with something installed; a new one for each installing. */
    const layers = (): ReadonlyArray<string> => {
      const root = join(grid.directory, "runner/layers")
      return readdirSync(root).flatMap((account) => readdirSync(join(root, account))).filter((name) => !name.endsWith(".log"))
    }

    beforeAll(async () => {
      grid = new TestGrid(authorities === undefined ? {} : { RGRID_CA_BUNDLE: authorities })
      await grid.up(sandbox)
    })
    afterAll(() => grid.down())

    it("is installed once for all who need the same, anew for another version, and leaves nothing here", async () => {
      const files = { "report.py": python, "ours.py": "name = 'ours'\n", "requirements.txt": "idna==3.7\n" }
      const cwd = place(files)
      const both = await Promise.all([run(cwd, "report.py"), run(cwd, "report.py")])
      for (const { code, stderr, stdout } of both) {
        expect({ code, stderr, stdout: stdout.toString() }).toEqual({ code: 0, stderr: "", stdout: "3.7 ours\n" })
      }
      const first = layers()
      expect(first).toHaveLength(1)
      expect((await run(cwd, "report.py")).stdout.toString()).toBe("3.7 ours\n")
      expect(layers()).toEqual(first)
      writeFileSync(join(cwd, "requirements.txt"), "idna==3.6\n")
      expect((await run(cwd, "report.py")).stdout.toString()).toBe("3.6 ours\n")
      expect(layers()).toHaveLength(2)
      expect(readdirSync(cwd).sort()).toEqual(["made.txt", ...Object.keys(files)].sort())
    })

    it("is found in a script's own block, and in a project of Node", async () => {
      const block = "# /// script\n# dependencies = [\"idna==3.5\"]\n# ///\nimport idna\nprint(idna.__version__)\n"
      expect((await run(place({ "own.py": block }), "own.py")).stdout.toString()).toBe("3.5\n")
      const needs = { dependencies: { "is-number": "7.0.0" } }
      const lock = { lockfileVersion: 3, packages: { "": needs, "node_modules/is-number": { version: "7.0.0" } } }
      const cwd = place({
        "package.json": JSON.stringify(needs),
        "package-lock.json": JSON.stringify(lock),
        "check.cjs": "console.log(require('is-number')('7'))\n"
      })
      const { code, stderr, stdout } = await run(cwd, "--runtime", "node:24-slim", "check.cjs")
      expect({ code, stderr, stdout: stdout.toString() }).toEqual({ code: 0, stderr: "", stdout: "true\n" })
      expect(readdirSync(cwd).sort()).toEqual(["check.cjs", "package-lock.json", "package.json"])
    })

    it("says what the installer said when there is no such thing, and exits with 125", async () => {
      const { code, stderr } = await run(place({ "x.py": "print('never')", "requirements.txt": "idna==99.9\n" }), "x.py")
      expect(code).toBe(125)
      expect(stderr).toContain("What requirements.txt asks for could not be installed.")
      expect(stderr).toContain("there is no version of idna==99.9")
    })
  })
}
