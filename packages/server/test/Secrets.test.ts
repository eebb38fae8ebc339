import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Redacted from "effect/Redacted"
import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { load, type Secrets } from "../src/Secrets.ts"

const temporary = FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "rgrid-secrets-" }))

const shown = ({ encryptionKey, pepper, signingKey }: Secrets): ReadonlyArray<string> =>
  [encryptionKey, pepper.key, signingKey].map((key) => Buffer.from(Redacted.value(key)).toString("hex"))

describe("Secrets", () => {
  it.live("are made once, also by servers that start at the same moment, and are the owner's alone", () =>
    Effect.gen(function*() {
      const directory = join(yield* temporary, "data")
      const all = yield* Effect.all(Array.from({ length: 8 }, () => load(directory)), { concurrency: "unbounded" })
      const [first] = all.map(shown)
      assert.strictEqual(new Set(first).size, 3)
      for (const secrets of all) assert.deepStrictEqual(shown(secrets), first)
      assert.deepStrictEqual(shown(yield* load(directory)), first)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(directory)), ["secrets.json"])
      const { mode } = yield* Effect.promise(() => stat(join(directory, "secrets.json")))
      assert.strictEqual(mode & 0o777, 0o600)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("are never made anew over ones that are damaged", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const path = join(directory, "secrets.json")
      yield* load(directory)
      const whole = yield* Effect.promise(() => readFile(path, "utf8"))
      const damaged = ["", "{", whole.slice(0, -10), whole.replace(/"signingKey":"../, "\"signingKey\":\"")]
      for (const text of damaged) {
        yield* Effect.promise(() => writeFile(path, text))
        const error = yield* Effect.flip(load(directory))
        assert.strictEqual(error._tag, "SecretsDamaged")
        assert.strictEqual(yield* Effect.promise(() => readFile(path, "utf8")), text)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("say that the directory is no good, and don't show themselves", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      yield* Effect.promise(() => writeFile(join(directory, "file"), ""))
      const error = yield* Effect.flip(load(join(directory, "file", "data")))
      assert.strictEqual(error._tag, "DataDirectoryUnusable")
      const secrets = yield* load(directory)
      const [pepper] = shown(secrets)
      assert.notInclude(JSON.stringify(secrets), pepper!)
      assert.notInclude(String(secrets.signingKey), pepper!)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
