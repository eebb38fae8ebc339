/** A grid to compare with, and the interpreters here that are the same as there. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { rgridProgram, TestGrid } from "../harness.ts"
import type { Case } from "./Case.ts"
import { differences, type Differences } from "./compare.ts"
import { execute, type Meaning } from "./execute.ts"
import { NotFetched } from "./packages.ts"
import { judge, type Verdict } from "./verdict.ts"

const versionScript = "import platform\nprint(platform.python_version())\n"

const pythons = (): ReadonlyArray<string> =>
  [...new Set([...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/bin", "/usr/bin"])]
    .map((directory) => join(directory, "python3.11"))
    .filter((path) => existsSync(path))

/** What differs must be the grid's doing and not another version's. */
const pythonLike = (version: string): string | undefined =>
  pythons().find((path) => execFileSync(path, ["-c", versionScript], { encoding: "utf8" }) === version)

/** What a person's shell has, without what this machine happens to set. */
const environment = (grid: TestGrid): Readonly<Record<string, string>> => ({
  PATH: process.env["PATH"]!,
  HOME: process.env["HOME"] ?? "/root",
  LANG: "C.UTF-8",
  USER: "root",
  SHELL: "/bin/bash",
  TERM: "xterm",
  RGRID_HOME: grid.directory,
  ...(process.env["DOCKER_HOST"] === undefined ? {} : { DOCKER_HOST: process.env["DOCKER_HOST"] })
})

export class Session {
  private readonly grid: TestGrid
  private readonly python: string
  readonly version: string

  private constructor(grid: TestGrid, python: string, version: string) {
    this.grid = grid
    this.python = python
    this.version = version
  }

  static async open(): Promise<Session> {
    const grid = new TestGrid()
    await grid.up("docker")
    const place = grid.workplace()
    writeFileSync(join(place, "version.py"), versionScript)
    const { stderr, stdout } = await grid.run(["run", "version.py"], { cwd: place })
    const python = pythonLike(stdout.toString())
    if (python !== undefined) return new Session(grid, python, stdout.toString().trim())
    await grid.down()
    throw new Error(`no python3.11 here is the grid's ${stdout.toString()}${stderr}; there are ${pythons().join(", ")}`)
  }

  close(): Promise<void> {
    return this.grid.down()
  }

  private readonly here: Meaning = (program) =>
    program === "python3.11" ? this.python : program === "node" ? process.execPath : program

  private readonly there: Meaning = (_, flags) => `${process.execPath} ${rgridProgram} run ${flags}`.trimEnd()

  private run(what: Case, meaning: Meaning) {
    const root = join(this.grid.home, "projects", what.name.replaceAll(/[^\w-]+/g, "-"))
    mkdirSync(root, { recursive: true })
    return execute(what, root, environment(this.grid), meaning)
  }

  /** A difference that two runs here show too is none of the grid's. */
  private async withoutUnstable(what: Case, first: Awaited<ReturnType<typeof execute>>, found: Differences) {
    const unstable = differences(first, await this.run(what, this.here), what.normalise)
    return new Map([...found].filter(([aspect]) => !unstable.has(aspect)))
  }

  async compare(what: Case): Promise<Verdict> {
    if (what.incomparable !== undefined) return { kind: "incomparable", reason: what.incomparable }
    try {
      const here = await this.run(what, this.here)
      const found = differences(here, await this.run(what, this.there), what.normalise)
      const ours = found.size === 0 ? found : await this.withoutUnstable(what, here, found)
      const verdict = judge(what.name, ours)
      return found.size > 0 && ours.size === 0 && verdict.kind === "same"
        ? { kind: "incomparable", reason: `two runs here differ too: ${[...found.values()].join("; ")}` }
        : verdict
    } catch (error) {
      if (error instanceof NotFetched) return { kind: "incomparable", reason: error.message }
      throw error
    }
  }
}
