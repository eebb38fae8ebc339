/** The command line as one executable file, away from this clone and from any node_modules. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { between } from "../scripts/licenses.ts"
import { packAll } from "../scripts/pack.mjs"
import { buildExecutable } from "../scripts/sea.mjs"
import { local, rgridProgram, TestGrid } from "./harness.ts"
import { allTools, toolsOf } from "./packed/assistant.ts"
import { Installed, placeOfAll, removed } from "./packed/installed.ts"
import { type Registry, serve } from "./packed/registry.ts"

const place = placeOfAll()
const program = join(place, "bin/rgrid")
const grid = new TestGrid()
let registry: Registry
let app: Installed

beforeAll(async () => {
  mkdirSync(join(place, "bin"))
  buildExecutable(program)
  registry = await serve(packAll(join(place, "packed")))
  app = new Installed(place, "sea", registry.url, ["hello.py"])
  await grid.up("process")
})
afterAll(async () => {
  try {
    await app.down(program)
  } finally {
    await grid.down()
    await registry.close()
    removed(place)
  }
})

const alone = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}) =>
  local(program, args, app.directory, { HOME: place, RGRID_HOME: join(place, "no-grid"), PATH: join(place, "bin"), NO_COLOR: "1", ...env })

describe("the executable", () => {
  it.each(["--version", "--help", "run --help", "completions bash"])("says to %s what the program says", async (words) => {
    const args = words.split(" ")
    const whole = await local(process.execPath, [rgridProgram, ...args], place, { ...process.env, NO_COLOR: "1" })
    expect(await alone(args)).toEqual({ code: 0, stdout: whole.stdout, stderr: "" })
  })

  it("has the licenses beside it of all that is in it", () => {
    expect(readFileSync(join(place, "bin/LICENSE"), "utf8")).toContain("MIT License")
    const licenses = readFileSync(join(place, "bin/licenses.txt"), "utf8").split(between)
    expect(licenses[0]).toMatch(/^Node\.js v\d+\.\d+\.\d+\n\n.*Copyright Node\.js contributors/s)
    expect(licenses.map((text) => text.split(" ", 1)[0])).toEqual(expect.arrayContaining(["Node.js", "effect", "picomatch", "smol-toml", "yocto-spinner"]))
  })

  it("runs a script on a grid that is named", async () => {
    const { key, url } = grid.file()
    const { code, stderr, stdout } = await alone(["run", "hello.py", "one file"], { RGRID_URL: url, RGRID_API_KEY: key })
    expect({ code, stdout: stdout.toString() }, stderr).toEqual({ code: 0, stdout: "hello one file\n" })
    expect(app.read("made.txt")).toBe("made")
  })

  it("answers an assistant, where there is no npm either", async () => {
    expect(await toolsOf(app, program, ["mcp"], { PATH: join(place, "bin") })).toMatchObject({ server: { name: "rgrid" }, tools: allTools })
  })

  it.each(["run hello.py", "up", "server"])("says to %s what it lacks where there is no npm", async (words) => {
    const { code, stderr } = await alone(words.split(" "))
    expect(code).toBe(125)
    expect(stderr).toMatch(/npm, which brings the rest of RGrid, is not on the PATH.*Node\.js.*RGRID_URL/s)
  })

  it("has npm bring the rest where a grid is to be started", async () => {
    expect(await app.said(program, "run", "hello.py", "npm")).toBe("hello npm\n")
    expect((await app.run(program, "up")).stderr).toContain("is up at")
  })
})
