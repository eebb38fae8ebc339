import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { travels } from "rgrid/client/travels"

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "rgrid-travels-"))
  mkdirSync(join(cwd, "data/deep/empty"), { recursive: true })
  writeFileSync(join(cwd, "data/deep/ü b.csv"), "1")
  writeFileSync(join(cwd, "in.json"), "{}")
  symlinkSync(join(cwd, "in.json"), join(cwd, "data/link.json"))
  symlinkSync("nowhere", join(cwd, "data/dangling"))
})
afterAll(() => rmSync(cwd, { recursive: true }))

const paths = (args: ReadonlyArray<string>) =>
  travels(cwd, args).pipe(Effect.map(({ directories, files }) => ({
    files: files.map((file) => file.there).sort(),
    directories: [...directories].sort()
  })))

describe("what travels", () => {
  it.effect("is each file an argument names, once, and nothing for other words", () =>
    Effect.gen(function*() {
      const found = yield* paths(["in.json", "./in.json", "--input=in.json", "nothing", "", "-v"])
      assert.deepStrictEqual(found, { files: ["in.json"], directories: [] })
    }))

  it.effect("is a directory with all below it, links as what they point to", () =>
    Effect.gen(function*() {
      const found = yield* paths(["data"])
      assert.deepStrictEqual(found.files, ["data/deep/ü b.csv", "data/link.json"])
      assert.deepStrictEqual(found.directories, ["data", "data/deep", "data/deep/empty"])
    }))

  it.effect("stands at its own absolute path when it is outside the working directory", () =>
    Effect.gen(function*() {
      const found = yield* travels(join(cwd, "data"), ["../in.json"])
      assert.deepStrictEqual(found.files.map((file) => file.there), [join(cwd, "in.json")])
    }))

  it.effect("is never the file system, a home directory or a key store", () =>
    Effect.gen(function*() {
      const refusal = (argument: string) => travels(cwd, [argument]).pipe(Effect.flip, Effect.map((e) => e.reason))
      assert.strictEqual(yield* refusal("/"), "root")
      assert.strictEqual(yield* refusal(homedir()), "home")
      assert.strictEqual(yield* refusal("/dev/null"), "special")
    }))
})
