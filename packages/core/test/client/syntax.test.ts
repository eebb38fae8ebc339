import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checkSyntax } from "rgrid/client/syntax"
import type { SyntaxCheck } from "rgrid/ports/RuntimeProvider"
import { providers } from "rgrid/runtimes/providers"

const place = (name: string, text: string | Uint8Array) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const cwd = mkdtempSync(join(tmpdir(), "rgrid-syntax-"))
      writeFileSync(join(cwd, name), text)
      return { cwd, script: name }
    }),
    ({ cwd }) => Effect.sync(() => rmSync(cwd, { recursive: true }))
  )

/** The check of the provider that claims the ending, in its runtime for what runs here. */
const checkOf = ({ cwd, script }: { readonly cwd: string; readonly script: string }, runtime: string) =>
  providers
    .find(({ endings }) => endings.some((ending) => script.endsWith(ending)))!
    .check(join(cwd, script), { path: script, firstLine: "" }, runtime)

const judged = (name: string, text: string | Uint8Array, runtime: string) =>
  Effect.gen(function*() {
    const at = yield* place(name, text)
    const check = checkOf(at, runtime)
    assert.isNotNull(check)
    return yield* checkSyntax(check, at).pipe(
      Effect.as(null),
      Effect.catchTag("SyntaxRejected", (error) => Effect.succeed(error))
    )
  }).pipe(Effect.scoped)

const node = `node:${process.versions.node.split(".")[0]}`

const asked = (over: Partial<SyntaxCheck>): SyntaxCheck => ({
  programs: [process.execPath],
  args: ["-e", "process.stderr.write('no\\n'); process.exit(9)"],
  rejects: 9,
  exitCode: 1,
  ...over
})

const outcome = (check: SyntaxCheck | null, text = "x") =>
  Effect.gen(function*() {
    return yield* Effect.exit(checkSyntax(check, yield* place("x.py", text)))
  }).pipe(Effect.scoped)

const cache = mkdtempSync(join(tmpdir(), "rgrid-syntax-cache-"))
const outside = process.env["XDG_CACHE_HOME"]
beforeAll(() => {
  process.env["XDG_CACHE_HOME"] = cache
})
afterAll(() => {
  if (outside === undefined) delete process.env["XDG_CACHE_HOME"]
  else process.env["XDG_CACHE_HOME"] = outside
  rmSync(cache, { recursive: true })
})

describe("a script's syntax", () => {
  it.effect("is judged by Node, in its words", () =>
    Effect.gen(function*() {
      const rejected = yield* judged("a.js", "const x = ;\n", node)
      assert.strictEqual(rejected?.exitCode, 1)
      assert.match(rejected?.text ?? "", /a\.js:1\n[\s\S]*SyntaxError/)
      assert.isNull(yield* judged("a.js", "import fs from 'node:fs'\nawait 1\n", node))
      assert.isNull(yield* judged("a.cjs", "#!/usr/bin/env node\nreturn\n", node))
    }))

  it.effect("is nobody's to judge in bash, which runs what stands before it", () =>
    Effect.gen(function*() {
      assert.isNull(checkOf(yield* place("a.sh", "echo hi\nif true; then\n"), "bash"))
    }).pipe(Effect.scoped))

  it.effect("is what an interpreter says, not what else may go wrong with asking", () =>
    Effect.gen(function*() {
      const failed = yield* outcome(asked({}))
      assert.strictEqual(failed._tag, "Failure")
      const untold = [
        null,
        asked({ rejects: 8 }),
        asked({ args: ["-e", "process.exit(9)"] }),
        asked({ args: ["-e", "process.kill(process.pid, 9)"] }),
        asked({ programs: ["no-such-program-anywhere"] }),
        asked({ needless: () => true })
      ]
      for (const check of untold) assert.strictEqual((yield* outcome(check))._tag, "Success")
      assert.strictEqual((yield* outcome(asked({}), "x".repeat(2 ** 20 + 1)))._tag, "Success")
    }))

  it.effect("is not asked about twice once it is good; what was rejected is", () =>
    Effect.gen(function*() {
      const at = yield* place("x.py", "good")
      const tally = join(at.cwd, "tally")
      const note = `require('fs').appendFileSync(${JSON.stringify(tally)}, 'x')`
      const asks = (args: ReadonlyArray<string>, text: string) =>
        Effect.gen(function*() {
          writeFileSync(join(at.cwd, at.script), text)
          yield* Effect.exit(checkSyntax(asked({ args }), at))
          return readFileSync(tally, "utf8").length
        })
      const passes = ["-e", note]
      assert.strictEqual(yield* asks(passes, "good"), 1)
      assert.strictEqual(yield* asks(passes, "good"), 1)
      assert.strictEqual(yield* asks(passes, "also good"), 2)
      const rejects = ["-e", `${note}; process.stderr.write('no'); process.exit(9)`]
      assert.strictEqual(yield* asks(rejects, "bad"), 3)
      assert.strictEqual(yield* asks(rejects, "bad"), 4)
    }).pipe(Effect.scoped))
})
