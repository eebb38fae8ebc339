import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { addressOfFile, forgetAll, forgetFile, remembered, smallest } from "../../../src/client/cache/addresses.ts"
import { cacheDirectory } from "../../../src/client/cache/directory.ts"
import { digestFile } from "../../../src/client/digest.ts"

const place = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rgrid-addresses-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A file that has rested long enough, and what asks for its address. */
const rested = (bytes: Buffer = Buffer.alloc(smallest, 1)) =>
  Effect.gen(function*() {
    const directory = yield* place
    const [cache, path] = [join(directory, "cache"), join(directory, "large.bin")]
    writeFileSync(path, bytes)
    yield* TestClock.setTime(Date.now() + 10_000)
    return { cache, path, address: (fresh = false) => addressOfFile(path, { cache, fresh }) }
  })

const entries = (cache: string): ReadonlyArray<string> => {
  const found = readdirSync(cache, { recursive: true, withFileTypes: true })
  return found.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
}

/** Another address in what is remembered: whoever tells it did not read the file. */
const forge = (cache: string) => {
  const [entry] = entries(cache)
  const text = readFileSync(entry!, "utf8")
  const forged = "f".repeat(64)
  writeFileSync(entry!, text.replace(/"sha256":"\w{64}"/, `"sha256":"${forged}"`))
  return forged
}

describe("remembered addresses", () => {
  it.effect("are told without reading the file", () =>
    Effect.gen(function*() {
      const { address, cache, path } = yield* rested()
      assert.deepStrictEqual(yield* address(), yield* digestFile(path))
      const forged = forge(cache)
      assert.strictEqual((yield* address()).sha256, forged)
    }))

  it.effect("are made anew when they are not wanted, and remembered then", () =>
    Effect.gen(function*() {
      const { address, cache, path } = yield* rested()
      yield* address()
      forge(cache)
      const right = yield* digestFile(path)
      assert.deepStrictEqual(yield* address(true), right)
      assert.deepStrictEqual(yield* address(), right)
    }))

  it.effect("are forgotten with any change, even one that leaves size and time", () =>
    Effect.gen(function*() {
      const { address, path } = yield* rested()
      const before = yield* address()
      const { atimeMs, mtimeMs } = statSync(path)
      writeFileSync(path, Buffer.alloc(smallest, 2))
      utimesSync(path, atimeMs / 1000, mtimeMs / 1000)
      yield* TestClock.setTime(Date.now() + 10_000)
      assert.notDeepEqual(yield* address(), before)
      assert.deepStrictEqual(yield* address(), yield* digestFile(path))
    }))

  it.effect("are not kept of a file that changed a moment ago, or will have, or is small", () =>
    Effect.gen(function*() {
      const { address, cache, path } = yield* rested()
      yield* TestClock.setTime(Date.now() + 1000)
      yield* address()
      utimesSync(path, 1, Date.now() / 1000 + 3600)
      yield* TestClock.setTime(Date.now() + 10_000)
      yield* address()
      const small = yield* rested(Buffer.alloc(smallest - 1))
      yield* small.address()
      assert.deepStrictEqual(yield* Effect.forEach([cache, small.cache], remembered), [
        { files: 0, bytes: 0 },
        { files: 0, bytes: 0 }
      ])
    }))

  it.effect("are no trouble when what is remembered is broken, or can't be kept", () =>
    Effect.gen(function*() {
      const { address, cache, path } = yield* rested()
      const right = yield* address()
      const [entry] = entries(cache)
      const whole = readFileSync(entry!, "utf8")
      for (const broken of ["", "{", whole.slice(0, -9), whole.replace(/"parts":\[[^\]]*\]/, "\"parts\":[]"), "\0".repeat(999)]) {
        writeFileSync(entry!, broken)
        assert.deepStrictEqual(yield* address(), right)
      }
      assert.deepStrictEqual(yield* addressOfFile(path, { cache: join(path, "below a file") }), right)
    }))

  it.effect("are the same for many who ask at once, and few", () =>
    Effect.gen(function*() {
      const { cache, path } = yield* rested()
      const right = yield* digestFile(path)
      const ask = (fresh: boolean) => addressOfFile(path, { cache, fresh })
      const all = yield* Effect.forEach(Array.from({ length: 40 }, (_, i) => i % 2 === 0), ask, { concurrency: "unbounded" })
      for (const each of all) assert.deepStrictEqual(each, right)
      assert.strictEqual((yield* remembered(cache)).files, 1)
    }))

  it.effect("are bounded in number, and gone when asked", () =>
    Effect.gen(function*() {
      const { address, cache, path } = yield* rested()
      yield* address()
      const [entry] = entries(cache)
      for (let i = 0; i < 100; i++) {
        writeFileSync(`${entry}${i}`, "old")
        utimesSync(`${entry}${i}`, i, i)
      }
      yield* address(true)
      assert.strictEqual((yield* remembered(cache)).files, 64)
      assert.include(entries(cache), entry)
      yield* forgetFile(path, cache)
      assert.notInclude(entries(cache), entry)
      assert.notInclude(entries(cache), `${entry}0`)
      yield* forgetAll(cache)
      assert.deepStrictEqual(yield* remembered(cache), { files: 0, bytes: 0 })
    }))

  it("stand where a system keeps such things", () => {
    assert.strictEqual(cacheDirectory({ XDG_CACHE_HOME: "/x" }, "linux"), "/x/rgrid")
    assert.strictEqual(cacheDirectory({ LOCALAPPDATA: "/l", XDG_CACHE_HOME: "/x" }, "win32"), "/l/rgrid")
    assert.match(cacheDirectory({ XDG_CACHE_HOME: "relative" }, "darwin"), /[/\\]\.cache[/\\]rgrid$/)
  })
})
