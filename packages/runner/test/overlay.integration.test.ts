import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { chown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { InputFile } from "rgrid/domain/JobSpec"
import { Lowers, leastBytes } from "../src/overlay/Lowers.ts"
import { mount, mountsBeneath, works } from "../src/overlay/mount.ts"
import { StateDirectory } from "../src/StateDirectory.ts"
import { temporaryDirectory } from "./fixtures/directory.ts"
import { contentOf } from "./fixtures/jobs.ts"

const isRoot = process.getuid?.() === 0

const large = (path: string, size = leastBytes): InputFile => ({
  path,
  mode: 0o640,
  content: { ...contentOf(`${path} ${size}`), size }
})

const setUp = Effect.fnUntraced(function*(limitBytes?: number) {
  const root = yield* temporaryDirectory
  const context = yield* Layer.build(Lowers.layer(limitBytes).pipe(Layer.provide(StateDirectory.layer(join(root, "state")))))
  const lowers = yield* Effect.provide(Lowers, context)
  const written: Array<string> = []
  const write = (file: InputFile, path: string) =>
    Effect.promise(async () => {
      written.push(file.path)
      await writeFile(path, file.path, { mode: file.mode })
    })
  const of = (...files: ReadonlyArray<InputFile>) =>
    Effect.map(
      lowers.of(files.map((file) => ({ path: file.path, file, uid: 10_001, gid: 10_001 })), write),
      (found) => Array.from(found, ([{ path }, name]) => [path, name] as const)
    )
  return { root, base: join(root, "state/lowers"), lowers, of, written }
})

describe.skipIf(!isRoot)("large inputs that are asked for again", () => {
  it.live("are laid out the second time, once, as the script's own", () =>
    Effect.gen(function*() {
      const { base, of, written } = yield* setUp()
      const file = large("models/big.bin")
      assert.deepStrictEqual(yield* of(file), [])
      const [[path, name] = []] = yield* of(file)
      assert.strictEqual(path, "models/big.bin")
      assert.deepStrictEqual(yield* of(file), [["models/big.bin", name!]])
      assert.deepStrictEqual(written, ["models/big.bin"])
      for (const place of ["models", "models/big.bin"]) {
        const { uid } = yield* Effect.promise(() => lstat(join(base, name!, place)))
        assert.strictEqual(uid, 10_001)
      }
    }))

  it.live("are left alone where a mount costs more than their copy", () =>
    Effect.gen(function*() {
      const { of } = yield* setUp()
      const small = large("a", leastBytes - 1)
      yield* of(small)
      assert.deepStrictEqual(yield* of(small), [])
    }))

  it.live("make room for others once no attempt has them", () =>
    Effect.gen(function*() {
      const { base, of } = yield* setUp(leastBytes)
      for (const path of ["a", "b", "a"]) yield* Effect.scoped(of(large(path)))
      yield* Effect.scoped(of(large("b")))
      const names = yield* Effect.promise(() => readdir(base))
      assert.strictEqual(names.length, 1)
      assert.strictEqual(yield* Effect.promise(() => readFile(join(base, names[0]!, "b"), "utf8")), "b")
    }))
})

describe.skipIf(!isRoot)("an overlay", () => {
  const setUpMount = Effect.gen(function*() {
    const base = yield* temporaryDirectory
    const target = join(base, "slot/work")
    yield* Effect.promise(async () => {
      for (const path of ["one/data", "two", "slot/work"]) await mkdir(join(base, path), { recursive: true })
      await writeFile(join(base, "one/data/big"), "one")
      await writeFile(join(base, "two/other"), "two")
      await chown(target, 10_001, 10_001)
    })
    assert.isTrue(yield* works(base))
    return { base, target, overlay: { base, target, lowers: ["one", "two"] } }
  })

  it.live("shows what is below, and keeps what changes from it", () =>
    Effect.gen(function*() {
      const { base, overlay, target } = yield* setUpMount
      const scope = yield* Scope.make()
      yield* Scope.provide(mount(overlay), scope)
      yield* Effect.promise(async () => {
        assert.deepStrictEqual((await readdir(target)).toSorted(), ["data", "other"])
        assert.strictEqual((await lstat(target)).uid, 10_001)
        const before = await lstat(join(target, "other"))
        assert.strictEqual((await lstat(join(target, "other"))).ino, before.ino)
        await writeFile(join(target, "data/big"), "changed")
        await rm(join(target, "other"))
        await rename(join(target, "data"), join(target, "renamed"))
        assert.strictEqual(await readFile(join(target, "renamed/big"), "utf8"), "changed")
        assert.strictEqual(await readFile(join(base, "one/data/big"), "utf8"), "one")
        assert.strictEqual(await readFile(join(base, "two/other"), "utf8"), "two")
        assert.deepStrictEqual(mountsBeneath(dirname(target)), [target])
      })
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(mountsBeneath(base), [])
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(target)), [])
    }))
})

