import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { named } from "../../src/client/Connection.ts"
import { credentialsPath, isProfileName, read, withProfile, write } from "../../src/client/credentials.ts"

const prod = { server: "https://grid.example/a;b", key: "rgrid_live_p" }
const other = { server: "http://127.0.0.1:7400", key: "rgrid_live_o" }

/** A home of one's own, for as long as the test takes. */
const home = Effect.acquireRelease(
  Effect.promise(async () => {
    const names = ["HOME", "RGRID_PROFILE", "RGRID_URL", "RGRID_API_KEY"]
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]))
    const path = await mkdtemp(join(tmpdir(), "rgrid-home-"))
    for (const name of names) delete process.env[name]
    process.env["HOME"] = path
    return { before, path }
  }),
  ({ before, path }) =>
    Effect.promise(async () => {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
      await rm(path, { recursive: true })
    })
).pipe(Effect.map(({ path }) => path))

describe("the file of keys", () => {
  it.effect("is made for its owner only, and gives back what was written", () =>
    Effect.gen(function*() {
      yield* home
      assert.strictEqual((yield* read()).size, 0)
      yield* write("prod", prod)
      yield* write("default", other)
      assert.deepStrictEqual([...yield* read()], [["prod", prod], ["default", other]])
      const { mode } = yield* Effect.promise(() => stat(credentialsPath()))
      assert.strictEqual(mode & 0o777, 0o600)
    }))

  it.effect("is refused while others may read it", () =>
    Effect.gen(function*() {
      yield* home
      yield* write("prod", prod)
      yield* Effect.promise(() => chmod(credentialsPath(), 0o640))
      assert.deepInclude(yield* Effect.flip(read()), { _tag: "CredentialsUnusable", reason: "exposed", detail: "0640" })
    }))

  it.effect("stays the link that somebody made of it", () =>
    Effect.gen(function*() {
      const path = yield* home
      const target = join(path, "elsewhere")
      yield* Effect.promise(async () => {
        await mkdir(join(path, ".rgrid"))
        await writeFile(target, "", { mode: 0o600 })
        await symlink(target, credentialsPath())
      })
      yield* write("prod", prod)
      assert.deepStrictEqual([...yield* read(target)], [["prod", prod]])
    }))

  it("keeps what else stands in it", () => {
    const text = "# mine\n[a]\nserver = http://a\nkey = 1\n\n[b]\nkey = 2\n"
    assert.strictEqual(
      withProfile(text, "a", { server: "http://c", key: "3" }),
      "# mine\n[b]\nkey = 2\n\n[a]\nserver = \"http://c\"\nkey = 3\n"
    )
  })

  it("takes names that INI has no other meaning for", () => {
    for (const name of ["default", "prod-eu_1"]) assert.isTrue(isProfileName(name))
    for (const name of ["", "a.b", "a b", "a]"]) assert.isFalse(isProfileName(name))
  })
})

const keyOf = (asked: Parameters<typeof named>[0]) =>
  Effect.map(named(asked), Option.match({ onNone: () => null, onSome: ({ key }) => Redacted.value(key) }))

describe("which grid is meant", () => {
  it.effect("the profile asked for, else RGRID_PROFILE, else the project's, else default, else this machine", () =>
    Effect.gen(function*() {
      const path = yield* home
      assert.isNull(yield* keyOf({}))
      for (const name of ["default", "project", "variable", "asked"]) yield* write(name, { ...other, key: name })
      assert.strictEqual(yield* keyOf({ cwd: path }), "default")
      yield* Effect.promise(() => writeFile(join(path, ".rgrid", "config"), "profile: project\n"))
      assert.strictEqual(yield* keyOf({ cwd: path }), "project")
      process.env["RGRID_PROFILE"] = "variable"
      assert.strictEqual(yield* keyOf({ cwd: path }), "variable")
      assert.strictEqual(yield* keyOf({ cwd: path, profile: "asked" }), "asked")
      assert.isNull(yield* keyOf({ cwd: path, profile: "local" }))
    }))

  it.effect("a profile that is not there is told, with the one that was meant", () =>
    Effect.gen(function*() {
      yield* home
      yield* write("staging", other)
      assert.deepInclude(yield* Effect.flip(named({ profile: "stagin" })), { _tag: "ProfileUnknown", nearest: "staging" })
      yield* write("half", { server: "http://a", key: "" })
      assert.deepInclude(yield* Effect.flip(named({ profile: "half" })), { _tag: "ProfileIncomplete", reason: "key" })
    }))
})
