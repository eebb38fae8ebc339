/** What a project's file may say of a step, and what not. */
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Inputs } from "../src/inputs.ts"
import { withProject } from "../src/project.ts"

const cwd = mkdtempSync(join(tmpdir(), "rgrid-project-"))
const before = { ...process.env }

beforeEach(() => mkdirSync(join(cwd, ".rgrid"), { recursive: true }))
afterAll(() => {
  rmSync(cwd, { recursive: true })
  process.env = before
})

const inputs: Inputs = {
  script: "a.py",
  args: [],
  cwd,
  batch: null,
  env: {},
  secrets: {},
  limits: {},
  noCache: false,
  failOn: "any",
  outputDirectory: null,
  annotate: true,
  comment: null,
  status: null,
  githubToken: ""
}

const asked = (config: string, over: Partial<Inputs> = {}) => {
  writeFileSync(join(cwd, ".rgrid", "config"), config)
  return withProject({ ...inputs, ...over })
}

describe("a project's variables", () => {
  it.effect("are the step's own", () =>
    Effect.gen(function*() {
      process.env["MODE_OF_STEP"] = "fast"
      assert.deepStrictEqual((yield* asked("env: [MODE_OF_STEP]\n")).env, { MODE_OF_STEP: "fast" })
    }))

  it.effect("are the step's own also by a name that looks like a runner's", () =>
    Effect.gen(function*() {
      process.env["STATE_DIR"] = "data"
      assert.deepStrictEqual((yield* asked("env: [STATE_DIR]\n")).env, { STATE_DIR: "data" })
    }))

  it.effect.each(["ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN", "INPUT_GITHUB_TOKEN", "RGRID_API_KEY"])("are none of its secrets: %s", (name) =>
    Effect.gen(function*() {
      process.env[name] = "secret of the step"
      assert.strictEqual((yield* Effect.flip(asked(`env:\n  ${name}:\n`)))._tag, "ConfigRefused")
    }))
})

describe("a project's timeout", () => {
  const batch = (timeoutPercent?: number) => ({ patterns: ["*.csv"], options: timeoutPercent === undefined ? {} : { timeoutPercent } })

  it.effect("holds where the inputs have none", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* asked("timeout: 60\n", { batch: batch() })).limits, { timeoutSeconds: 60 })
    }))

  it.effect("gives way to either kind of theirs", () =>
    Effect.gen(function*() {
      const percent = yield* asked("timeout: 60\ncpu: 2\n", { batch: batch(300) })
      assert.deepStrictEqual([percent.limits, percent.batch], [{ cpu: 2 }, batch(300)])
      const seconds = yield* asked("timeout: 60\n", { limits: { timeoutSeconds: 5 } })
      assert.deepStrictEqual(seconds.limits, { timeoutSeconds: 5 })
    }))
})
