/** Directories of the runner in a slot, and what dependencies are installed for. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Sandbox } from "../../ports/Sandbox.ts"
import { type Helpers, type Methods, printed } from "./helpers.ts"

/** A directory of the runner's with a file in it. */
const given = Effect.acquireRelease(
  Effect.promise(async () => {
    const source = await mkdtemp(join(tmpdir(), "rgrid-mount-"))
    await mkdir(join(source, "inner"))
    await writeFile(join(source, "given"), "from the runner")
    // Whoever the script's user is: what keeps it from writing is the mount.
    await chmod(join(source, "given"), 0o666)
    await chmod(source, 0o755)
    return source
  }),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

export const mounts = (it: Methods, { execute, options }: Helpers) => {
  const workdir = options.workdir ?? "/work"
  const mounting = options.workdir !== undefined

  it.effect("shows a directory of the runner's beneath the workspace, and leaves it when the slot goes", () =>
    Effect.gen(function*() {
      const source = yield* given
      const mounts = [{ source, at: `${workdir}/deep/er`, writable: false }]
      const { stdout } = yield* Effect.scoped(execute(["sh", "-c", "cat deep/er/given; ls deep/er"], { mounts }))
      assert.strictEqual(printed({ stdout }), "from the runnergiven\ninner\n")
      assert.strictEqual(yield* Effect.promise(() => readFile(join(source, "given"), "utf8")), "from the runner")
    }).pipe(Effect.scoped))

  it.effect("keeps what a script writes to a writable one", () =>
    Effect.gen(function*() {
      const source = yield* given
      const seen = mounting ? "/.rgrid-layer" : source
      const mounts = [{ source, at: "/.rgrid-layer", writable: true }]
      const { exit } = yield* Effect.scoped(execute(["sh", "-c", `echo -n made > ${seen}/inner/new`], { mounts }))
      assert.strictEqual(exit.code, 0)
      assert.strictEqual(yield* Effect.promise(() => readFile(join(source, "inner/new"), "utf8")), "made")
    }).pipe(Effect.scoped))

  if (mounting) {
    it.effect("lets no script write to another", () =>
      Effect.gen(function*() {
        const source = yield* given
        const mounts = [{ source, at: "/.rgrid-layer", writable: false }]
        const { exit, stderr } = yield* execute(["sh", "-c", "echo x > /.rgrid-layer/given"], { mounts })
        assert.notStrictEqual(exit.code, 0)
        assert.include(stderr.toString(), "Read-only file system")
      }).pipe(Effect.scoped))
  }

  it.effect("tells what a program's dependencies are installed for, the same each time", () =>
    Effect.gen(function*() {
      const { identify } = yield* Sandbox
      const python = yield* identify(options.image, "python3")
      assert.include(["x64", "arm64"], python.arch)
      assert.match(python.digest, /^sha256:[0-9a-f]{64}$|Python 3\.\d+/)
      assert.deepStrictEqual(yield* identify(options.image, "python3"), python)
    }))
}
