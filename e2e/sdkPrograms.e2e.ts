/** Programs that embed the built library, however they load it: they end by themselves, and nothing warns. */
import { copyFileSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsdown"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { local, scripts, TestGrid } from "./harness.ts"
import { bun } from "./installs.ts"

const grid = new TestGrid()
const core = join(dirname(fileURLToPath(import.meta.url)), "../packages/core")
let place: string
let env: NodeJS.ProcessEnv

/** Their own file, and what it takes to load the library. */
const programs = {
  "app.mjs": `import * as rgrid from "rgrid"\nimport scenario from "./scenarios.cjs"\nawait scenario(rgrid)\n`,
  "app.cjs": `require("./scenarios.cjs")(require("rgrid"))\n`,
  "bundled/app.mjs": ""
}

const bundle = () =>
  build({
    config: false,
    entry: [join(place, "app.mjs")],
    outDir: join(place, "bundled"),
    format: "esm",
    platform: "node",
    dts: false,
    logLevel: "silent",
    deps: { alwaysBundle: [/.*/] }
  })

beforeAll(async () => {
  await grid.up("process")
  const { key, url } = grid.file()
  env = { PATH: process.env["PATH"], HOME: grid.home, RGRID_URL: url, RGRID_API_KEY: key }
  place = grid.workplace()
  mkdirSync(join(place, "node_modules"))
  symlinkSync(core, join(place, "node_modules/rgrid"))
  copyFileSync(join(scripts, "sdkScenarios.cjs"), join(place, "scenarios.cjs"))
  for (const [name, text] of Object.entries(programs)) if (text !== "") writeFileSync(join(place, name), text)
  await bundle()
})
afterAll(() => grid.down())

const said: Readonly<Record<string, string>> = {
  run: "done",
  leftLoop: "0",
  leftBatch: "0",
  leftWait: "true true",
  aborted: "true",
  abortedLoop: "true",
  forgotten: "forgotten",
  refused: "true ScriptMissing"
}

const run = (runtime: string, program: string, scenario: string) =>
  // What a scenario would leave open would keep it for a minute and more.
  local("timeout", ["20", runtime, join(place, program), scenario], place, env)

describe("Bun", () => {
  let runtime: string
  beforeAll(async () => {
    runtime = await bun(grid.workplace())
  })

  it.each(Object.keys(said))("ends a program by itself after %s", async (scenario) => {
    for (const program of Object.keys(programs)) {
      const ended = await run(runtime, program, scenario)
      expect({ ...ended, stdout: ended.stdout.toString() }, program).toEqual({ code: 0, stdout: `${said[scenario]}\n`, stderr: "" })
    }
  })

  it("starts the grid of this machine, on Node", async () => {
    const own = new TestGrid({ RGRID_SANDBOX: "process" })
    try {
      const ended = await local("timeout", ["120", runtime, join(place, "app.mjs"), "run"], place, own.environment())
      expect({ ...ended, stdout: ended.stdout.toString() }).toEqual({ code: 0, stdout: "done\n", stderr: "" })
      expect(readlinkSync(`/proc/${own.server()}/exe`)).toMatch(/node$/)
    } finally {
      await own.down()
    }
  })
})

describe.each(Object.keys(programs))("%s", (program) => {
  it.each(Object.keys(said))("ends by itself after %s", async (scenario) => {
    const ended = await run(process.execPath, program, scenario)
    expect({ ...ended, stdout: ended.stdout.toString() }).toEqual({ code: 0, stdout: `${said[scenario]}\n`, stderr: "" })
  })
})
