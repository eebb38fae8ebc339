import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { symlinkSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { Declared } from "rgrid/client/dependencies/Declared"
import { plan } from "rgrid/client/prepare"
import { installed, refused, requestIn } from "./planned.ts"

const block = (...lines: ReadonlyArray<string>) => ["# /// script", ...lines.map((line) => `# ${line}`), "# ///"].join("\n")

const pyproject = (...needs: ReadonlyArray<string>) => `[project]\nname = "app"\nversion = "3"\ndependencies = ${JSON.stringify(needs)}\n`

const lock = [
  "version = 1",
  "requires-python = '>=3.9'",
  "[manifest]",
  "members = ['app', 'tool']",
  "[[package]]",
  "name = 'app'",
  "version = '3'",
  "source = { editable = '.' }",
  "dependencies = [{ name = 'idna' }, { name = 'tool' }]",
  "[[package]]",
  "name = 'tool'",
  "version = '1'",
  "source = { editable = 'tool' }",
  "[[package]]",
  "name = 'idna'",
  "version = '3.7'",
  "source = { registry = 'https://pypi.org/simple' }",
  ""
].join("\n")

describe("what a Python script needs", () => {
  it.effect("is told by its own block before anything beside it", () =>
    Effect.gen(function*() {
      const text = block("requires-python = '>=3.9'", "dependencies = [", "  'idna==3.7', # names", "]")
      const { declared, files, kind, packages } = yield* installed({
        "main.py": `#!/usr/bin/env python3\n${text}\nprint(1)\n`,
        "requirements.txt": "six\n"
      })
      assert.deepStrictEqual({ declared, kind, packages }, { declared: "main.py", kind: "script", packages: 1 })
      assert.deepStrictEqual(files, { "script.py": `${text}\n` })
    }))

  it.effect("is nothing when its block says so", () =>
    Effect.gen(function*() {
      for (const text of [block("requires-python = '>=3.9'"), block("dependencies = []")]) {
        assert.isNull((yield* installed({ "main.py": text, "requirements.txt": "six\n" })).kind)
      }
    }))

  it.effect("is in no block of another type, and in none that is not closed", () =>
    Effect.gen(function*() {
      const other = block("dependencies = ['a']").replace("script", "tool")
      const open = block("dependencies = ['a']").replace(/# \/\/\/$/, "")
      for (const text of [other, open, `'''\n  ${block("dependencies = ['a']").replaceAll("\n", "\n  ")}\n'''`]) {
        const { declared } = yield* installed({ "main.py": text, "requirements.txt": "six\n" })
        assert.strictEqual(declared, "requirements.txt")
      }
    }))

  it.effect("is the same with the line ends of Windows, and comes with the block's lock", () =>
    Effect.gen(function*() {
      const text = block("dependencies = ['idna']", "").replace("# \n", "#\n")
      const { files } = yield* installed({ "main.py": `${text.replaceAll("\n", "\r\n")}\r\n`, "main.py.lock": "version = 1\n" })
      assert.deepStrictEqual(files, {
        "script.py": "# /// script\n# dependencies = ['idna']\n# ///\n",
        "script.py.lock": "version = 1\n"
      })
    }))

  it.effect("has the sources of its block, archives with it", () =>
    Effect.gen(function*() {
      const { files, packages, remarks } = yield* installed({
        "main.py": block(
          "dependencies = ['own', 'My_Lib>=1', 'six']",
          "[tool.uv.sources]",
          "own = { path = 'dist/own-1-py3-none-any.whl' }",
          "my-lib = { path = './my-lib', editable = true }"
        ),
        "dist/own-1-py3-none-any.whl": "w",
        "my-lib/pyproject.toml": pyproject("certifi")
      })
      const sent = files["script.py"]!
      assert.include(sent, `# dependencies = [ "own", "certifi", "six" ]`)
      assert.include(sent, `# path = "wheels/own-1-py3-none-any.whl"`)
      assert.notInclude(sent, "my-lib")
      assert.strictEqual(files["wheels/own-1-py3-none-any.whl"], "here: own-1-py3-none-any.whl")
      assert.strictEqual(packages, 3)
      assert.deepStrictEqual(remarks, { "my-lib": "local" })
    }))

  it.effect("stops the run at the line of the script where its block is none", () =>
    Effect.gen(function*() {
      const wrong = (text: string) => refused({ "main.py": `import a\n\n${text}\n` })
      assert.deepInclude(yield* wrong(block("dependencies = ['a'", "b")), { reason: "malformed", path: "main.py", line: 5 })
      assert.deepInclude(yield* wrong(`${block("a = 1")}\n\n${block("b = 2")}`), { reason: "malformed", line: 7 })
      assert.deepInclude(yield* wrong(block("dependencies = ['a @ https://u:p@example.com/a.whl']")), {
        reason: "secret",
        line: 4
      })
    }))

  it.effect("is told by lock, list and project, in this order, in one directory", () =>
    Effect.gen(function*() {
      const all = { "uv.lock": lock, "pyproject.toml": pyproject("idna"), "requirements.txt": "six\n" }
      const { "uv.lock": _, ...unlocked } = all
      const { "requirements.txt": _list, ...project } = unlocked
      const { "pyproject.toml": _project, ...orphan } = all
      assert.strictEqual((yield* installed(all)).kind, "uv-lock")
      assert.strictEqual((yield* installed(unlocked)).kind, "requirements")
      assert.strictEqual((yield* installed(project)).kind, "pyproject")
      assert.strictEqual((yield* installed(orphan)).kind, "requirements")
      assert.isNull((yield* installed({})).kind)
    }))

  it.effect("is looked for up to the working directory, the nearest wins", () =>
    Effect.gen(function*() {
      const tree = { "requirements.txt": "six\n", "a/app/requirements.txt": "idna\n", "a/app/lib/x.py": "" }
      const declared = (script: string, cwd: string) =>
        Effect.map(installed(tree, { script, cwd }), (found) => found.declared)
      assert.strictEqual(yield* declared("a/app/lib/main.py", ""), "a/app/requirements.txt")
      assert.strictEqual(yield* declared("main.py", "a/app"), "requirements.txt")
      assert.strictEqual(yield* declared("a/main.py", ""), "requirements.txt")
      assert.isNull(yield* declared("lib/main.py", "a"), "not above the working directory")
      assert.isNull(yield* declared("../a/app/lib/main.py", "b"), "beside the script only")
      assert.match((yield* declared("../a/app/main.py", "b"))!, /^\/.*\/a\/app\/requirements\.txt$/)
    }))

  it.effect("is nothing where the nearest says so, and not what only a linter is told", () =>
    Effect.gen(function*() {
      const tree = { "app/main.py": "", "requirements.txt": "six\n" }
      const found = (over: Readonly<Record<string, string>>) => installed({ ...tree, ...over }, { script: "app/main.py" })
      assert.isNull((yield* found({ "app/requirements.txt": "" })).kind)
      assert.isNull((yield* found({ "app/pyproject.toml": pyproject() })).kind)
      assert.strictEqual((yield* found({ "app/pyproject.toml": "[tool.ruff]\n" })).kind, "requirements")
      const dynamic = yield* found({ "app/pyproject.toml": "[project]\nname = 'a'\ndynamic = ['dependencies']\n" })
      assert.deepInclude(dynamic, { kind: "requirements", remarks: { "dynamic dependencies": "unread" } })
      const poetry = yield* installed({ "pyproject.toml": "[tool.poetry.dependencies]\nsix = '*'\n" })
      assert.deepInclude(poetry, { kind: null, remarks: { "tool.poetry.dependencies": "unread" } })
    }))

  it.effect("in a project is the same whatever does not decide it", () =>
    Effect.gen(function*() {
      const one = yield* installed({ "pyproject.toml": `${pyproject("idna")}\n[tool.ruff]\nline-length = 100\n` })
      const other = yield* installed({ "pyproject.toml": pyproject("idna").replace('"3"', '"4"') })
      assert.deepStrictEqual(one.files, other.files)
      assert.include(one.files["pyproject.toml"]!, `dependencies = [ "idna" ]`)
      const index = `${pyproject("idna")}[[tool.uv.index]]\nname = 'x'\nurl = 'https://x.example/simple'\n`
      assert.include((yield* installed({ "pyproject.toml": index })).files["pyproject.toml"]!, "https://x.example/simple")
    }))

  it.effect("with a lock is the lock, without what is one's own", () =>
    Effect.gen(function*() {
      const { files, packages, paths, remarks } = yield* installed({ "uv.lock": lock, "pyproject.toml": pyproject("idna") })
      assert.deepStrictEqual(paths, ["pyproject.toml", "uv.lock"])
      assert.strictEqual(files["uv.lock"], lock)
      assert.strictEqual(packages, 1)
      assert.deepStrictEqual(remarks, { tool: "local" })
    }))

  it.effect("of a member is in the lock of its workspace", () =>
    Effect.gen(function*() {
      const tree = {
        "uv.lock": lock,
        "pyproject.toml": pyproject("idna"),
        "tool/pyproject.toml": pyproject("certifi").replace("app", "tool"),
        "alien/pyproject.toml": pyproject("certifi").replace("app", "alien")
      }
      const member = yield* installed(tree, { script: "tool/main.py" })
      assert.deepInclude(member, { kind: "uv-lock", declared: "uv.lock" })
      assert.include(member.files["pyproject.toml"]!, `name = "tool"`)
      assert.strictEqual((yield* installed(tree, { script: "alien/main.py" })).kind, "pyproject")
    }))

  it.effect("stops the run where a project can't be read", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* refused({ "pyproject.toml": "[project]\nname = \n" }), {
        _tag: "RequirementsRefused",
        path: "pyproject.toml",
        line: 2,
        reason: "malformed"
      })
    }))
})

describe("--requirements", () => {
  it.effect("names the one that is meant, whatever the language", () =>
    Effect.gen(function*() {
      const tree = {
        "main.sh": "echo",
        "requirements.txt": "six\n",
        "deps/run.in": "idna\ncertifi\n",
        "deps/pyproject.toml": pyproject("a"),
        "deps/other.py": block("dependencies = ['b']"),
        "uv.lock": lock
      }
      const kind = (requirements: string, script = "main.py") =>
        Effect.map(installed(tree, { script, requirements }), (found) => [found.kind, found.packages])
      assert.deepStrictEqual(yield* kind("deps/run.in"), ["requirements", 2])
      assert.deepStrictEqual(yield* kind("deps/run.in", "main.sh"), ["requirements", 2])
      assert.deepStrictEqual(yield* kind("deps/pyproject.toml"), ["pyproject", 1])
      assert.deepStrictEqual(yield* kind("deps/other.py"), ["script", 1])
      assert.deepStrictEqual(yield* kind("none"), [null, 0])
      assert.isNull((yield* installed(tree, { script: "main.sh" })).kind)
    }))

  it.effect("may name one outside the project, with what is beside that", () =>
    Effect.gen(function*() {
      const tree = {
        "other/common.txt": "-r more.txt\nsix\n",
        "other/more.txt": "idna\n",
        "app/.git/": "",
        "app/list.txt": "-r ../other/more.txt\n"
      }
      const { packages } = yield* installed(tree, { cwd: "app", requirements: "../other/common.txt" })
      assert.strictEqual(packages, 2)
      // A list of the project may be named by the project's own settings, which come with a clone.
      const refusal = yield* refused(tree, { cwd: "app", requirements: "list.txt" })
      assert.deepInclude(refusal, { _tag: "RequirementsRefused", reason: "outside" })
    }))

  it.effect("leads to no keys, and through no link", () =>
    Effect.gen(function*() {
      const request = requestIn({ "elsewhere/x.txt": "six\n", "app/.git/": "" }, { cwd: "app", requirements: "list.txt" })
      symlinkSync("../elsewhere/x.txt", join(request.cwd, "list.txt"))
      assert.deepInclude(yield* Effect.flip(plan(request)), { reason: "outside", path: "list.txt" })
      const key = join(homedir(), ".ssh", "config")
      const place = { cwd: request.cwd, regions: ["/"], disk: { kind: () => "file" as const, text: () => "" } }
      assert.deepInclude(yield* Effect.flip(new Declared(place, "/list.txt").read(key)), { reason: "keys", path: key })
    }))

  it.effect("names what is here, and what can be installed from", () =>
    Effect.gen(function*() {
      const tree = { "requirements.txt": "six\n", "Pipfile": "", "environment.yml": "", "uv.lock": lock, "plain.py": "" }
      const name = (requirements: string) => refused(tree, { requirements })
      assert.deepInclude(yield* name("requirement.txt"), {
        _tag: "RequirementsMissing",
        from: null,
        nearest: "requirements.txt"
      })
      for (const other of ["Pipfile", "environment.yml", "uv.lock", "plain.py"]) {
        assert.deepInclude(yield* name(other), { _tag: "RequirementsRefused", reason: "unknown" }, other)
      }
    }))

  it.effect("leaves the runtime to the script, and the dependencies to the script's language", () =>
    Effect.gen(function*() {
      const { kind } = yield* installed({ "requirements.txt": "six\n" }, { runtime: "docker.io/library/perl:5" })
      assert.strictEqual(kind, "requirements")
    }))
})
