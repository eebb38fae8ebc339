import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { own } from "../../src/slot/own.ts"

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)("own", () => {
  it.effect.each([3, 2_000])("gives all of %i files to the user, and nothing that a link points to", (count) =>
    Effect.gen(function*() {
      const base = mkdtempSync(join(tmpdir(), "rgrid-own-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(base, { recursive: true })))
      const directory = join(base, "work")
      mkdirSync(join(directory, "deep", "er"), { recursive: true })
      mkdirSync(join(base, "other"))
      symlinkSync(join(base, "other"), join(directory, "link"))
      const files = Array.from({ length: count }, (_, i) => join(directory, i % 2 === 0 ? "deep/er" : "", `file ${i}`))
      for (const file of files) writeFileSync(file, "")
      yield* own({ directories: [directory], uid: 4_321, gid: 4_322, onError: (cause) => cause })
      const mine = [directory, join(directory, "deep"), join(directory, "deep/er"), join(directory, "link"), ...files]
      assert.deepStrictEqual([...new Set(mine.map((path) => `${lstatSync(path).uid}:${lstatSync(path).gid}`))], ["4321:4322"])
      assert.strictEqual(lstatSync(join(base, "other")).uid, 0)
    }))
})
