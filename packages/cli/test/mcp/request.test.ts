/** What an assistant asks for, in a project that says something too. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { requestOf } from "../../src/mcp/request.ts"

const cwd = mkdtempSync(join(tmpdir(), "rgrid-request-"))
const config = "env:\n  MODE: slow\n  NOT_SET_HERE:\n  NO_TOKEN:\ninclude: [data]\ntimeout: 60\ncpu: 2\noutput-dir: out\n"

beforeAll(() => {
  mkdirSync(join(cwd, ".rgrid"))
  writeFileSync(join(cwd, ".rgrid", "config"), config)
})
afterAll(() => rmSync(cwd, { recursive: true }))

describe("a project's settings", () => {
  it.effect("stand below what an assistant gives", () =>
    Effect.gen(function*() {
      const env = { MODE: "fast", NOT_SET_HERE: "given", NO_TOKEN: "given too" }
      const { landing, request } = yield* requestOf({ script: "a.py", cwd, env, include: ["more"], timeoutSeconds: 5 })
      assert.deepInclude(request, { env, secrets: {}, cpu: 2, timeoutSeconds: 5 })
      assert.deepStrictEqual(request.include, [join(cwd, "data"), "more"])
      assert.strictEqual(landing, join(cwd, "out"))
    }))

  it.effect("ask for what nobody gives", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(requestOf({ script: "a.py", cwd, env: { NO_TOKEN: "given" } }))
      assert.deepInclude(error, { _tag: "ConfigRefused", reason: "unset", key: "NOT_SET_HERE" })
    }))
})
