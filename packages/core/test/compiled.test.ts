import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const place = mkdtempSync(join(tmpdir(), "rgrid-compiled-"))
const [program, cache] = [join(place, "program.cjs"), join(place, "cache")]
const loader = JSON.stringify(new URL("../bin/compiled.js", import.meta.url).href)
const start = `
  process.getBuiltinModule("node:module").enableCompileCache(${JSON.stringify(cache)})
  const { runCompiled } = await import(${loader})
  runCompiled(${JSON.stringify(program)}, "some")
`

const runs = (): string =>
  execFileSync(process.execPath, ["--input-type=module", "-e", start], { cwd: place, encoding: "utf8" }).trim()

const kept = (): ReadonlyArray<string> =>
  readdirSync(cache, { recursive: true, encoding: "utf8" }).filter((path) => path.includes("rgrid-some-")).map((path) => join(cache, path))

const says = (text: string): void =>
  writeFileSync(program, `#!/usr/bin/env node\nconst late = () => ${JSON.stringify(text)}\nif (module.exports === exports) console.log(late())\n`)

beforeEach(() => {
  rmSync(cache, { recursive: true, force: true })
  says("hello")
})
afterAll(() => rmSync(place, { recursive: true }))

describe("a program's kept machine code", () => {
  it("changes nothing about what the program does", () => {
    assert.strictEqual(runs(), "hello")
    assert.lengthOf(kept(), 1)
    const written = statSync(kept()[0]!).ino
    assert.strictEqual(runs(), "hello")
    assert.lengthOf(kept(), 1)
    // Whoever can't use it writes it anew, as another file.
    assert.strictEqual(statSync(kept()[0]!).ino, written)
  })

  it("is made anew where it is spoilt", () => {
    runs()
    const [path] = kept()
    const whole = readFileSync(path!).length
    for (const spoil of [() => truncateSync(path!, 3), () => truncateSync(path!, whole - 7), () => writeFileSync(path!, "nonsense")]) {
      spoil()
      assert.strictEqual(runs(), "hello")
      assert.isAtLeast(readFileSync(path!).length, whole - 64)
    }
  })

  it("is of this program, and goes with it", () => {
    runs()
    says("other words")
    assert.strictEqual(runs(), "other words")
    assert.lengthOf(kept(), 1)
  })

  it("is of this text, though another of the same length and time stood there before", () => {
    for (const text of ["hello", "other"]) {
      says(text)
      utimesSync(program, 1, 1)
      assert.strictEqual(runs(), text)
      assert.lengthOf(kept(), 1)
    }
  })

  it("is done without where it can't be kept", () => {
    writeFileSync(cache, "no directory")
    assert.strictEqual(runs(), "hello")
  })

  it("lets a part of the program require the program", () => {
    writeFileSync(join(place, "part.cjs"), "exports.same = require('./program.cjs').mark\n")
    writeFileSync(program, "exports.mark = {}; console.log(require('./part.cjs').same === exports.mark)\n")
    assert.deepStrictEqual([runs(), runs()], ["true", "true"])
  })
})
