import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Tree } from "../travel/project.ts"
import { installed, refused } from "./planned.ts"

/** The list as it is sent, for one that stands beside the script. */
const sent = (list: string, others: Tree = {}) =>
  Effect.map(installed({ "requirements.txt": list, ...others }), ({ files, ...rest }) => ({
    list: files["requirements.txt"],
    files,
    ...rest
  }))

describe("a requirements file", () => {
  it.effect("beside the script is found, and sent as it is written", () =>
    Effect.gen(function*() {
      const list = [
        "# what we need",
        "--index-url https://pypi.example.com/simple",
        "--extra-index-url https://${USER}:${TOKEN}@other.example.com/simple",
        "-f https://wheels.example.com",
        "requests[socks]==2.32.3 ; python_version >= '3.9'  # sessions",
        "numpy==2.1.0 \\",
        "    --hash=sha256:aaaa \\",
        "    --hash=sha256:bbbb",
        "tool @ git+https://github.com/acme/tool@v1",
        "https://example.com/a-1.0.tar.gz",
        "-c https://example.com/constraints.txt",
        ""
      ].join("\n")
      const { declared, kind, list: text, packages, remarks } = yield* sent(list)
      assert.deepStrictEqual({ declared, kind, packages, remarks }, {
        declared: "requirements.txt",
        kind: "requirements",
        packages: 4,
        remarks: {}
      })
      assert.strictEqual(text, list)
    }))

  it.effect("without a package installs nothing", () =>
    Effect.gen(function*() {
      for (const list of ["", "# none yet\n\n", "-r base.txt\n", "-c base.txt\n--pre\n"]) {
        assert.isNull((yield* sent(list, { "base.txt": "# nothing\n" })).kind, list)
      }
    }))

  it.effect("brings what it includes, each once, in places of its own", () =>
    Effect.gen(function*() {
      const { files, packages, paths } = yield* sent("-r deps/base.txt\n--constraint=pins.txt\nidna\n", {
        "deps/base.txt": "-r more.txt\n-c ../pins.txt\n-r ../requirements.txt\ncertifi\n",
        "deps/more.txt": "six\n",
        "pins.txt": "six==1.16\nidna==3\n"
      })
      assert.deepStrictEqual(files, {
        "requirements.txt": "-r requirements/1.txt\n-c requirements/3.txt\nidna\n",
        "requirements/1.txt": "-r 2.txt\n-c 3.txt\n-r ../requirements.txt\ncertifi\n",
        "requirements/2.txt": "six\n",
        "requirements/3.txt": "six==1.16\nidna==3\n"
      })
      assert.strictEqual(packages, 3)
      assert.strictEqual(paths[0], "requirements.txt")
    }))

  it.effect("brings archives that are here, however they are written", () =>
    Effect.gen(function*() {
      const { files, list, packages } = yield* sent(
        "./lib/a-1-py3-none-any.whl[x] ; python_version > '3'\nb @ file:lib/b-2.tar.gz\nlib/a-1-py3-none-any.whl\n",
        { "lib/a-1-py3-none-any.whl": "a", "lib/b-2.tar.gz": "b" }
      )
      assert.strictEqual(
        list,
        "./wheels/a-1-py3-none-any.whl[x] ; python_version > '3'\n./wheels/b-2.tar.gz\n./wheels/a-1-py3-none-any.whl\n"
      )
      assert.strictEqual(packages, 3)
      assert.deepInclude(files, {
        "wheels/a-1-py3-none-any.whl": "here: a-1-py3-none-any.whl",
        "wheels/b-2.tar.gz": "here: b-2.tar.gz"
      })
    }))

  it.effect("brings the archives of a directory of links", () =>
    Effect.gen(function*() {
      const { list, paths } = yield* sent("--no-index\n--find-links vendor\na\n", {
        "vendor/a-1-py3-none-any.whl": "a",
        "vendor/b.tar.gz": "b",
        "vendor/notes.md": "n"
      })
      assert.strictEqual(list, "--no-index\n--find-links ./links\na\n")
      assert.deepStrictEqual(paths, ["requirements.txt", "links/a-1-py3-none-any.whl", "links/b.tar.gz"])
    }))

  it.effect("has in place of a directory of one's own what that needs", () =>
    Effect.gen(function*() {
      const { list, packages, remarks } = yield* sent("-e .[dev]\n./plain\nfile:other\nidna\n", {
        "pyproject.toml": [
          "[project]",
          "name = 'app'",
          "dependencies = ['numpy>=2', 'lib @ file:./lib']",
          "optional-dependencies.dev = ['pytest']"
        ].join("\n"),
        "lib/pyproject.toml": "[project]\nname = 'lib'\ndependencies = ['six', 'app @ file:..']\n",
        "plain/setup.py": "",
        "other/pyproject.toml": "[project]\nname = 'o'\ndynamic = ['dependencies']\n"
      })
      assert.strictEqual(list, "numpy>=2\nsix\npytest\nidna\n")
      assert.strictEqual(packages, 4)
      assert.deepStrictEqual(remarks, { ".": "local", lib: "local", plain: "localUnread", other: "localUnread" })
    }))

  it.effect("that names only such directories installs nothing, and says so", () =>
    Effect.gen(function*() {
      const { kind, remarks } = yield* sent("-e ./lib\n", { "lib/pyproject.toml": "[project]\nname = 'lib'\n" })
      assert.isNull(kind)
      assert.deepStrictEqual(remarks, { lib: "local" })
    }))

  it.effect("of a Windows shell is read, and sent as UTF-8", () =>
    Effect.gen(function*() {
      const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("six==1.16\r\nidna\r\n", "utf16le")])
      const { files, packages } = yield* installed({ "requirements.txt": bytes })
      assert.deepStrictEqual(files, { "requirements.txt": "six==1.16\nidna\n" })
      assert.strictEqual(packages, 2)
    }))

  it.effect("that leads to what is not here stops the run", () =>
    Effect.gen(function*() {
      for (const line of ["-r bse.txt", "-c deps/pins.txt", "./a.whl", "-e ./lib", "-f vendor"]) {
        assert.deepInclude(yield* refused({ "requirements.txt": `six\n${line}\n`, "base.txt": "" }), {
          _tag: "RequirementsMissing",
          from: "requirements.txt",
          nearest: line === "-r bse.txt" ? "base.txt" : null
        }, line)
      }
    }))

  it.effect("leads to nothing outside the project, nor to keys", () =>
    Effect.gen(function*() {
      const tree = { "secret.txt": "six", "app/.git/": "", "app/requirements.txt": "-r ../secret.txt\n" }
      const refusal = yield* refused(tree, { cwd: "app" })
      assert.deepInclude(refusal, { _tag: "RequirementsRefused", reason: "outside", detail: "requirements.txt" })
    }))

  for (
    const [line, text] of [
      ["1", "--index-url https://me:hunter2@pypi.example.com/simple"],
      ["2", "six\ntool @ git+https://abcdef0123456789@github.com/acme/tool"],
      ["2", "# ours\n# was: ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
      ["1", "--extra-index-url https://${USER}:hunter2@pypi.example.com"]
    ] as const
  ) {
    it.effect(`holds no secret: ${text.split("\n").at(-1)}`, () =>
      Effect.gen(function*() {
        const refusal = yield* refused({ "requirements.txt": text })
        assert.deepInclude(refusal, { _tag: "RequirementsRefused", reason: "secret", line: Number(line) })
        assert.notInclude(JSON.stringify(refusal), "hunter2")
        assert.isNull((yield* installed({ "requirements.txt": text }, { requirements: "none" })).kind)
      }))
  }

  it.effect("may have the names that open nothing by themselves", () =>
    Effect.gen(function*() {
      const { packages } = yield* sent("a @ git+ssh://git@github.com/acme/a\nb @ git+https://git@example.com/b@v1\n")
      assert.strictEqual(packages, 2)
    }))
})
