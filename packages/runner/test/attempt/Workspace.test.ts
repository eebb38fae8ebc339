import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type InputFile, type JobSpec, partBytes } from "rgrid/domain/JobSpec"
import type { Ground } from "../../src/attempt/places.ts"
import { hostPath, snapshot as look } from "../../src/attempt/snapshot.ts"
import { Workspace } from "../../src/attempt/Workspace.ts"
import { Cache } from "../../src/Cache.ts"
import { Lowers } from "../../src/overlay/Lowers.ts"
import { StateDirectory } from "../../src/StateDirectory.ts"
import { temporaryDirectory } from "../fixtures/directory.ts"
import { sha256 } from "../fixtures/FakeServer.ts"
import { contentOf, spec } from "../fixtures/jobs.ts"

const setUp = Effect.gen(function*() {
  const root = yield* temporaryDirectory
  const directory = join(root, "work")
  yield* Effect.promise(() => mkdir(directory))
  const context = yield* Layer.build(
    Workspace.layer.pipe(
      Layer.provideMerge(Cache.layer()),
      Layer.provide(Lowers.layer()),
      Layer.provide(StateDirectory.layer(join(root, "state")))
    )
  )
  const keep = (bytes: Uint8Array) =>
    Cache.use((cache) => cache.bring({ sha256: sha256(bytes), size: bytes.length }, Stream.succeed(bytes))).pipe(
      Effect.provide(context)
    )
  const workdir = "/home/anna/project"
  const ground = (outside: Ground["outside"]): Ground => ({ workspace: directory, workdir, outside })
  const fill = (job: Partial<JobSpec>, outside: Ground["outside"] = new Map()) =>
    Effect.provide(Workspace.use((workspace) => workspace.fill(ground(outside), spec(job))), context)
  const snapshot = (job: Partial<JobSpec>, outside: Ground["outside"] = new Map()) => look(ground(outside), spec(job))
  return { root, directory, keep, fill, snapshot }
})

const file = (path: string, text = "text", mode = 0o644): InputFile => ({ path, mode, content: contentOf(text) })

describe("a workspace", () => {
  it.live("has files with their modes, empty ones, and directories", () =>
    Effect.gen(function*() {
      const { directory, fill, keep } = yield* setUp
      yield* keep(Buffer.from("text"))
      yield* fill({
        files: [file("run.sh", "text", 0o755), file("a/b/c.txt", "text", 0o600), file("empty", "")],
        directories: ["d/e", "/home/anna/project/f"]
      })
      yield* Effect.promise(async () => {
        assert.strictEqual((await stat(join(directory, "run.sh"))).mode & 0o7777, 0o755)
        assert.strictEqual((await stat(join(directory, "a/b/c.txt"))).mode & 0o7777, 0o600)
        assert.strictEqual(await readFile(join(directory, "a/b/c.txt"), "utf8"), "text")
        assert.strictEqual((await stat(join(directory, "empty"))).size, 0)
        assert.isTrue((await stat(join(directory, "d/e"))).isDirectory())
        assert.isTrue((await stat(join(directory, "f"))).isDirectory())
      })
    }))

  it.live("joins the parts of a large file", () =>
    Effect.gen(function*() {
      const { directory, fill, keep } = yield* setUp
      const first = Buffer.alloc(partBytes, 1)
      const second = Buffer.from("the end")
      yield* keep(first)
      yield* keep(second)
      const whole = Buffer.concat([first, second])
      const content = { size: whole.length, sha256: sha256(whole), parts: [sha256(first), sha256(second)] }
      yield* fill({ files: [{ path: "big", mode: 0o644, content }] })
      const written = yield* Effect.promise(() => readFile(join(directory, "big")))
      assert.strictEqual(sha256(written), content.sha256)
    }), 30_000)

  it.live("never holds a cached inode", () =>
    Effect.gen(function*() {
      const { directory, fill, keep, root } = yield* setUp
      yield* keep(Buffer.from("text"))
      yield* fill({ files: [file("a")] })
      yield* Effect.promise(async () => {
        await writeFile(join(directory, "a"), "changed")
        const { sha256 } = contentOf("text")
        assert.strictEqual(await readFile(join(root, "state/cache", sha256.slice(0, 2), sha256), "utf8"), "text")
      })
    }))

  it.live("refuses every path that leads out of it", () =>
    Effect.gen(function*() {
      const { fill, keep } = yield* setUp
      yield* keep(Buffer.from("text"))
      const outside = ["../a", "a/../../b", "/etc/passwd", "", ".", "a//b", "/home/anna/project/../x"]
      for (const path of [...outside, "/home/anna/project"]) {
        assert.strictEqual((yield* Effect.flip(fill({ files: [file(path)] })))._tag, "InputMisplaced", path)
        if (path !== "/home/anna/project" && path !== "/etc/passwd") {
          assert.strictEqual((yield* Effect.flip(fill({ directories: [path] })))._tag, "InputMisplaced", path)
        }
      }
    }))

  it.live("writes through no link, and over nothing", () =>
    Effect.gen(function*() {
      const { directory, fill, keep, root } = yield* setUp
      yield* keep(Buffer.from("text"))
      yield* Effect.promise(async () => {
        await mkdir(join(root, "outside"))
        await symlink(join(root, "outside"), join(directory, "link"))
        await symlink(join(root, "outside/new"), join(directory, "file"))
        await writeFile(join(directory, "there"), "mine")
      })
      for (const path of ["link/a", "file", "there"]) {
        assert.strictEqual((yield* Effect.flip(fill({ files: [file(path)] })))._tag, "InputMisplaced", path)
      }
      assert.strictEqual((yield* Effect.flip(fill({ directories: ["link"] })))._tag, "InputMisplaced")
      assert.strictEqual((yield* Effect.flip(fill({ files: [file("a"), file("a/b")] })))._tag, "InputMisplaced")
      yield* Effect.promise(async () => {
        assert.deepStrictEqual(await lstat(join(root, "outside/new")).catch(() => null), null)
        assert.strictEqual(await readFile(join(directory, "there"), "utf8"), "mine")
      })
    }))

  it.live("gives files the age they have where they come from", () =>
    Effect.gen(function*() {
      const { directory, fill, keep } = yield* setUp
      yield* keep(Buffer.from("text"))
      yield* fill({ files: [{ ...file("old"), modifiedAt: 1_700_000_000_123.25 }, { ...file("older"), modifiedAt: -1500 }] })
      yield* Effect.promise(async () => {
        const micros = async (name: string) => (await stat(join(directory, name), { bigint: true })).mtimeNs / 1000n
        assert.strictEqual(await micros("old"), 1_700_000_000_123_250n)
        assert.strictEqual(await micros("older"), -1_500_000n)
      })
    }))

  it.live("puts what is outside into the directory that stands for its parent, and remembers it", () =>
    Effect.gen(function*() {
      const { directory, fill, keep, root, snapshot } = yield* setUp
      yield* keep(Buffer.from("text"))
      const data = join(root, "data")
      yield* Effect.promise(() => mkdir(data))
      const job = {
        files: [file("in.txt"), file("/data/a/in.csv", "text", 0o600), file("/data/b.csv")],
        directories: ["/data", "/data/c/d", "/etc/nowhere"]
      }
      const outside = new Map([["/data", data], ["/home/anna", join(root, "home")]])
      yield* fill(job, outside)
      yield* Effect.promise(async () => {
        assert.strictEqual((await stat(join(data, "a/in.csv"))).mode & 0o7777, 0o600)
        assert.strictEqual(await readFile(join(data, "b.csv"), "utf8"), "text")
        assert.isTrue((await stat(join(data, "c/d"))).isDirectory())
        assert.deepStrictEqual(await readdir(directory), ["in.txt"])
      })
      const trees = yield* snapshot(job, outside)
      const brief = trees.map(({ directories, files, there }) => [there, [...files.keys()], [...directories]])
      assert.deepStrictEqual(brief, [
        [null, ["in.txt"], []],
        ["/data", ["a/in.csv", "b.csv"], ["c", "c/d", "a"]],
        // The workspace's own place in a directory above it.
        ["/home/anna", [], ["project"]]
      ])
      assert.strictEqual(hostPath(trees, "/data/x/y"), join(data, "x/y"))
      assert.strictEqual(hostPath(trees, "x"), join(directory, "x"))
      assert.isNull(hostPath(trees, "/database/x"))
      assert.strictEqual((yield* snapshot({ ...job, directories: [] }, "here")).length, 1)
    }))

  it.live("is as careful outside: no place of the slot's, no link, nothing else there", () =>
    Effect.gen(function*() {
      const { fill, keep, root } = yield* setUp
      yield* keep(Buffer.from("text"))
      const data = join(root, "data")
      yield* Effect.promise(async () => {
        await mkdir(data)
        await mkdir(join(root, "elsewhere"))
        await symlink(join(root, "elsewhere"), join(data, "link"))
        await symlink(join(root, "elsewhere/new"), join(data, "file"))
      })
      const there = new Map([["/data", data]])
      for (const path of ["/data/link/a", "/data/file", "/data", "/database/x", "/data/../x", "/home/anna"]) {
        const error = yield* Effect.flip(fill({ files: [file(path)] }, there))
        assert.deepInclude({ ...error }, { _tag: "InputMisplaced", path }, path)
      }
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(root, "elsewhere"))), [])
    }))

  it.live("uses what this machine has itself, if it is the very same, and writes nothing there", () =>
    Effect.gen(function*() {
      const { directory, fill, keep, root } = yield* setUp
      yield* keep(Buffer.from("text"))
      yield* Effect.promise(async () => {
        await mkdir(join(root, "data"))
        for (const [name, text] of [["same", "text"], ["other", "TEXT"], ["longer", "text."]] as const) {
          await writeFile(join(root, "data", name), text)
        }
        await symlink("same", join(root, "data/link"))
      })
      const at = (name: string) => join(root, "data", name)
      const files = [file(at("same")), file(at("link")), file("in.txt")]
      yield* fill({ files, directories: [join(root, "data")] }, "here")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(directory)), ["in.txt"])
      for (const name of ["other", "longer", "missing", ""]) {
        const path = name === "" ? join(root, "data") : at(name)
        const error = yield* Effect.flip(fill({ files: [file(path)] }, "here"))
        assert.deepInclude({ ...error }, { _tag: "InputMisplaced", path })
      }
      const missing = { directories: [at("missing")] }
      assert.strictEqual((yield* Effect.flip(fill(missing, "here")))._tag, "InputMisplaced")
      assert.isFalse((yield* Effect.promise(() => readdir(join(root, "data")))).includes("missing"))
    }))
})
