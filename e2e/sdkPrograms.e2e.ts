/** Programs that embed the built library, however they load it: they end by themselves, and nothing warns. */
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsdown"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { local, scripts, TestGrid } from "./harness.ts"

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

/** Bun, where this machine has it: whoever tests on it installs it (`npm install bun`). */
const bun = spawnSync("bun", ["--version"]).status === 0 ? ["bun"] : []

const run = (runtime: string, program: string, scenario: string) =>
  // What a scenario would leave open would keep it for a minute and more.
  local("timeout", ["20", runtime, join(place, program), scenario], place, env)

describe.each(bun)("%s", (runtime) => {
  it.each(Object.keys(said))("ends a program by itself after %s", async (scenario) => {
    for (const program of ["app.mjs", "app.cjs"]) {
      const ended = await run(runtime, program, scenario)
      expect({ ...ended, stdout: ended.stdout.toString() }).toEqual({ code: 0, stdout: `${said[scenario]}\n`, stderr: "" })
    }
  })
})

describe.each(Object.keys(programs))("%s", (program) => {
  it.each(Object.keys(said))("ends by itself after %s", async (scenario) => {
    const ended = await run(process.execPath, program, scenario)
    expect({ ...ended, stdout: ended.stdout.toString() }).toEqual({ code: 0, stdout: `${said[scenario]}\n`, stderr: "" })
  })
})
