import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { prepare } from "rgrid/client/prepare"
import { requestIn } from "./planned.ts"

const tree = { "requirements.txt": "-r base.txt\n./a.whl\n", "base.txt": "six\n", "a.whl": "wheel" }

const prepared = (over: Readonly<Record<string, string>> = {}) => prepare(requestIn({ ...tree, ...over }))

describe("the job of a script with dependencies", () => {
  it.effect("names their files by content, and knows where each is to be read", () =>
    Effect.gen(function*() {
      const { sources, spec } = yield* prepared()
      const { declared, files, kind } = spec.dependencies!
      assert.deepStrictEqual({ declared, kind }, { declared: "requirements.txt", kind: "requirements" })
      const texts = files.map(({ content, path }) => {
        const { offset, path: here, size } = sources.get(content.parts[0]!)!
        return [path, readFileSync(here).subarray(offset, offset + size).toString()]
      })
      assert.deepStrictEqual(texts, [
        ["requirements.txt", "-r requirements/1.txt\n./wheels/a.whl\n"],
        ["requirements/1.txt", "six\n"],
        ["wheels/a.whl", "wheel"]
      ])
      assert.deepStrictEqual(spec.files.map(({ path }) => path), ["main.py"], "they are not the script's")
    }))

  it.effect("is the same while the script changes, and another when a version does", () =>
    Effect.gen(function*() {
      const { spec: first } = yield* prepared()
      const { spec: same } = yield* prepared({ "main.py": "print(1)" })
      const { spec: other } = yield* prepared({ "base.txt": "six==1.16\n" })
      assert.deepStrictEqual(same.dependencies, first.dependencies)
      assert.notDeepEqual(other.dependencies, first.dependencies)
    }))

  it.effect("has none where there are none", () =>
    Effect.gen(function*() {
      const { spec } = yield* prepare(requestIn({ "main.py": "import json" }))
      assert.notProperty(spec, "dependencies")
    }))

  it.effect("keeps its texts as long as the caller needs them, no longer", () =>
    Effect.gen(function*() {
      const paths = yield* Effect.scoped(Effect.map(prepared(), ({ sources, spec }) =>
        spec.dependencies!.files.slice(0, 2).map(({ content }) => sources.get(content.parts[0]!)!.path)))
      for (const path of paths) assert.throws(() => readFileSync(path), /ENOENT/)
    }))
})
