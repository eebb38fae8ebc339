import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Tree } from "../travel/project.ts"
import { installed, refused, type Where } from "./planned.ts"

const manifest = (over: object = {}) => JSON.stringify({ name: "app", dependencies: { "left-pad": "1.3.0" }, ...over })

const npmLock = (packages: object = {}) => JSON.stringify({
  name: "app",
  lockfileVersion: 3,
  packages: { "": {}, "node_modules/left-pad": { version: "1.3.0", resolved: "https://registry.npmjs.org/l.tgz" }, ...packages }
})

const found = (tree: Tree, where: Where = {}) => installed(tree, { script: "main.mjs", ...where })

describe("what a Node script needs", () => {
  for (
    const [name, kind, text] of [
      ["package-lock.json", "npm-lock", npmLock()],
      ["npm-shrinkwrap.json", "npm-lock", npmLock()],
      ["pnpm-lock.yaml", "pnpm-lock", "lockfileVersion: '9.0'\nimporters:\n\n  .:\n    dependencies: {}\n"],
      ["yarn.lock", "yarn-lock", "# yarn lockfile v1\n"]
    ] as const
  ) {
    it.effect(`is package.json with ${name} beside it`, () =>
      Effect.gen(function*() {
        const tree = { "package.json": manifest({ scripts: { postinstall: "husky" } }), [name]: text }
        const { declared, files, packages, paths, root, ...rest } = yield* found(tree)
        assert.strictEqual(rest.kind, kind)
        assert.deepStrictEqual({ declared, packages, root }, { declared: name, packages: 1, root: "." })
        assert.deepStrictEqual(paths, ["package.json", name])
        assert.strictEqual(files[name], text)
        assert.deepStrictEqual(JSON.parse(files["package.json"]!), { name: "app", dependencies: { "left-pad": "1.3.0" } })
      }))
  }

  it.effect("is nothing without a lock, or without dependencies, and what it lacks is told", () =>
    Effect.gen(function*() {
      const lock = { "package-lock.json": npmLock() }
      assert.deepInclude(yield* found({ "package.json": manifest() }), { kind: null, remarks: { "package.json": "noLock" } })
      assert.deepInclude(yield* found({ "package.json": manifest(), "bun.lock": "{}" }), {
        kind: null,
        remarks: { "bun.lock": "otherLock" }
      })
      assert.deepInclude(yield* found({ "package.json": "{}", ...lock }), { kind: null, remarks: {} })
      assert.deepInclude(yield* found({ "package.json": manifest(), ...lock }, { script: "main.py" }), { kind: null })
    }))

  it.effect("stands above the script, with its directory as the working directory sees it", () =>
    Effect.gen(function*() {
      const tree = {
        "app/package.json": manifest(),
        "app/package-lock.json": npmLock(),
        "app/src/package.json": `{ "type": "module" }`
      }
      assert.strictEqual((yield* found(tree, { script: "app/src/main.ts" })).root, "app")
      assert.strictEqual((yield* found(tree, { script: "src/main.ts", cwd: "app" })).root, ".")
      const { declared, root } = yield* found(tree, { script: "main.ts", cwd: "app/src" })
      assert.match(root!, /^\/.*\/app$/)
      assert.strictEqual(declared, `${root}/package-lock.json`)
    }))

  it.effect("of a workspace is in its lock, with every package.json that this knows", () =>
    Effect.gen(function*() {
      const packages = {
        "package.json": manifest({ workspaces: ["pkg/*"] }),
        "pkg/a/package.json": manifest({ name: "a", scripts: { build: "tsc" } }),
        "pkg/b/package.json": manifest({ name: "b" }),
        ".git/": ""
      }
      const locks = {
        "package-lock.json": npmLock({ "pkg/a": {}, "pkg/b": {}, "node_modules/a": { link: true }, "pkg/b/node_modules/x": {} }),
        "pnpm-lock.yaml": "importers:\n\n  .: {}\n\n  pkg/a:\n    dependencies:\n      x: 1\n\n  'pkg/b': {}\n\npackages:\n\n  x@1: {}\n",
        "yarn.lock": `"a@workspace:pkg/a":\n  resolution: "a@workspace:pkg/a"\n"b@x":\n  resolution: "b@workspace:pkg/b"\n`
      }
      for (const [name, text] of Object.entries(locks)) {
        const { files, paths, remarks, root } = yield* found({ ...packages, [name]: text }, { script: "pkg/a/main.mjs" })
        assert.deepStrictEqual(paths, ["package.json", name, "pkg/a/package.json", "pkg/b/package.json"])
        assert.notInclude(files["pkg/a/package.json"]!, "tsc")
        assert.strictEqual(root, ".")
        assert.deepStrictEqual(remarks, { "pkg/b": "local" })
      }
    }))

  it.effect("is in no lock above that does not know its package", () =>
    Effect.gen(function*() {
      const tree = {
        ".git/": "",
        "package.json": manifest(),
        "package-lock.json": npmLock(),
        "tools/package.json": manifest({ name: "tools" })
      }
      assert.deepInclude(yield* found(tree, { script: "tools/main.mjs" }), {
        kind: null,
        remarks: { "tools/package.json": "noLock" }
      })
    }))

  it.effect("brings no settings that may hold tokens, and tells so", () =>
    Effect.gen(function*() {
      const { paths, remarks } = yield* found({
        "package.json": manifest(),
        "pnpm-lock.yaml": "",
        "pnpm-workspace.yaml": "packages: []\n",
        ".npmrc": "//registry.npmjs.org/:_authToken=npm_x\n"
      })
      assert.deepStrictEqual(paths, ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
      assert.deepStrictEqual(remarks, { ".npmrc": "settings" })
    }))

  it.effect("stops the run where it is no JSON or holds a password", () =>
    Effect.gen(function*() {
      const lock = { "package-lock.json": npmLock() }
      assert.deepInclude(yield* refused({ "package.json": "{ a", ...lock }, { script: "main.mjs" }), { reason: "malformed" })
      const password = { "yarn.lock": `x@1:\n  resolved "https://me:secret@npm.example.com/x.tgz"\n` }
      assert.deepInclude(yield* refused({ "package.json": manifest(), ...password }, { script: "main.mjs" }), {
        reason: "secret",
        path: "yarn.lock",
        line: 2
      })
    }))

  it.effect("can be named: package.json or its lock", () =>
    Effect.gen(function*() {
      const tree = { "deps/package.json": manifest(), "deps/package-lock.json": npmLock() }
      for (const requirements of ["deps/package.json", "deps/package-lock.json"]) {
        assert.deepInclude(yield* found(tree, { requirements }), { kind: "npm-lock", root: "deps" })
      }
    }))
})
