import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { chmod, lstat, mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { partBytes } from "rgrid/domain/JobSpec"
import { collect } from "../../src/attempt/collect.ts"
import type { Before, Tree } from "../../src/attempt/snapshot.ts"
import { temporaryDirectory } from "../fixtures/directory.ts"
import { contentOf } from "../fixtures/jobs.ts"

type Snapshot = Pick<Tree, "files" | "directories">

const empty: Snapshot = { files: new Map(), directories: new Set() }

const before = async (root: string, path: string, text: string, young = false): Promise<[string, Before]> => {
  await writeFile(join(root, path), text, { mode: 0o644 })
  const status = await lstat(join(root, path), { bigint: true })
  return [path, {
    sha256: contentOf(text).sha256,
    mode: Number(status.mode) & 0o777,
    size: status.size,
    inode: status.ino,
    modified: status.mtimeNs,
    changed: status.ctimeNs,
    young
  }]
}

const brief = (manifest: Effect.Success<ReturnType<typeof collect>>) => ({
  outputs: manifest.outputs.map(({ path, type }) => `${type} ${path}`),
  deleted: manifest.deleted,
  skipped: manifest.skipped.map(({ path, reason }) => `${reason} ${path}`)
})

/** Makes a tree with `script`, and tells what is collected. */
const made = (script: (root: string) => Promise<Snapshot | void>) =>
  Effect.gen(function*() {
    const root = yield* temporaryDirectory
    const snapshot = yield* Effect.promise(() => script(root))
    return yield* collect([{ base: root, there: null, mounts: new Set<string>(), ...(snapshot ?? empty) }])
  })

describe("collecting", () => {
  it.live("finds new files, empty ones and directories, with size, hash and mode", () =>
    Effect.gen(function*() {
      const manifest = yield* made(async (root) => {
        await mkdir(join(root, "out/deep"), { recursive: true })
        await mkdir(join(root, "hollow"))
        await writeFile(join(root, "out/deep/a.txt"), "abc", { mode: 0o640 })
        await writeFile(join(root, "nothing"), "")
      })
      assert.deepStrictEqual(brief(manifest).outputs, [
        "directory hollow",
        "file nothing",
        "directory out",
        "directory out/deep",
        "file out/deep/a.txt"
      ])
      assert.deepInclude(manifest.outputs[4], { mode: 0o640, content: contentOf("abc") })
      assert.deepInclude(manifest.outputs[1], { content: contentOf("") })
    }))

  it.live("tells an input that was written, changed or not, from one that was left alone", () =>
    Effect.gen(function*() {
      const manifest = yield* made(async (root) => {
        const files = new Map([
          await before(root, "same", "1"),
          await before(root, "touched", "1"),
          await before(root, "changed", "1"),
          await before(root, "sneaky", "1"),
          await before(root, "mode", "1"),
          await before(root, "replaced", "1"),
          await before(root, "gone", "1"),
          await before(root, "linked", "1")
        ])
        const { mtime } = await lstat(join(root, "sneaky"))
        await new Promise((resolve) => setTimeout(resolve, 15))
        await utimes(join(root, "touched"), new Date(), new Date())
        await writeFile(join(root, "changed"), "22")
        await writeFile(join(root, "sneaky"), "2")
        await utimes(join(root, "sneaky"), mtime, mtime)
        await chmod(join(root, "mode"), 0o755)
        await writeFile(join(root, "new"), "1")
        await rename(join(root, "new"), join(root, "replaced"))
        await rm(join(root, "gone"))
        await rm(join(root, "linked"))
        await symlink("/etc/passwd", join(root, "linked"))
        return { files, directories: new Set() }
      })
      assert.deepStrictEqual(brief(manifest), {
        outputs: ["file changed", "file mode", "file replaced", "file sneaky", "file touched"],
        deleted: ["gone"],
        skipped: ["link linked"]
      })
    }))

  it.live("compares by content what is too young for its times to tell", () =>
    Effect.gen(function*() {
      const manifest = yield* made(async (root) => {
        const [path, file] = await before(root, "young", "1", true)
        await writeFile(join(root, path), "2")
        const status = await lstat(join(root, path), { bigint: true })
        return {
          files: new Map([[path, { ...file, modified: status.mtimeNs, changed: status.ctimeNs }]]),
          directories: new Set()
        }
      })
      assert.deepStrictEqual(brief(manifest).outputs, ["file young"])
    }))

  it.live("follows no link, opens no device, and keeps no setuid bit", () =>
    Effect.gen(function*() {
      const manifest = yield* made(async (root) => {
        await symlink("/etc", join(root, "etc"))
        await symlink("/etc/passwd", join(root, "passwd"))
        await symlink("nowhere", join(root, "dangling"))
        execFileSync("mkfifo", [join(root, "pipe")])
        await writeFile(join(root, "tool"), "x")
        await chmod(join(root, "tool"), 0o6755)
      })
      assert.deepStrictEqual(brief(manifest), {
        outputs: ["file tool"],
        deleted: [],
        skipped: ["link dangling", "link etc", "link passwd", "device pipe"]
      })
      assert.strictEqual(manifest.outputs[0]?.mode, 0o755)
    }))

  it.live("leaves out names that can't be told", () =>
    Effect.gen(function*() {
      const manifest = yield* made(async (root) => {
        const bad = Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xfe])])
        await writeFile(bad, "x")
        const folder = Buffer.concat([Buffer.from(`${root}/folder-`), Buffer.from([0xc3])])
        await mkdir(folder)
        await writeFile(Buffer.concat([folder, Buffer.from("/inside")]), "x")
        await writeFile(join(root, "grüße\n \u{1f600}"), "x")
      })
      assert.deepStrictEqual(brief(manifest).outputs, ["file grüße\n \u{1f600}"])
      assert.deepStrictEqual(manifest.skipped.map(({ reason }) => reason), ["name", "name"])
    }))

  it.live("lists known directories only for what is new in them", () =>
    Effect.gen(function*() {
      const manifest = yield* made(async (root) => {
        await mkdir(join(root, "known"))
        await writeFile(join(root, "known/new"), "x")
        return { files: new Map(), directories: new Set(["known"]) }
      })
      assert.deepStrictEqual(brief(manifest).outputs, ["file known/new"])
    }))

  it.live("tells what is outside by its own paths, changed and new and removed", () =>
    Effect.gen(function*() {
      const [work, data] = [yield* temporaryDirectory, yield* temporaryDirectory]
      const manifest = yield* Effect.flatMap(
        Effect.promise(async () => {
          const files = new Map([
            await before(data, "same", "1", true),
            await before(data, "changed", "1", true),
            await before(data, "gone", "1")
          ])
          await writeFile(join(data, "changed"), "2")
          await rm(join(data, "gone"))
          await mkdir(join(data, "own/place"), { recursive: true })
          await mkdir(join(data, "new"))
          await writeFile(join(data, "new/result"), "made", { mode: 0o600 })
          await utimes(join(data, "new/result"), 1_700_000_000.123456, 1_700_000_000.123456)
          await symlink("/etc", join(data, "link"))
          await writeFile(join(work, "inside"), "x")
          const directories = new Set(["own", "own/place"])
          return [
            { base: work, there: null, mounts: new Set<string>(), ...empty },
            { base: data, there: "/data/sets", mounts: new Set<string>(), files, directories }
          ]
        }),
        collect
      )
      assert.deepStrictEqual(brief(manifest), {
        outputs: ["file /data/sets/changed", "directory /data/sets/new", "file /data/sets/new/result", "file inside"],
        deleted: ["/data/sets/gone"],
        skipped: ["link /data/sets/link"]
      })
      const result = manifest.outputs[2]!
      assert.deepInclude(result, { mode: 0o600, content: contentOf("made") })
      assert.strictEqual(Math.floor(result.modifiedAt * 1000), 1_700_000_000_123_456)
    }))

  it.live("addresses a large file by parts", () =>
    Effect.gen(function*() {
      const manifest = yield* made((root) => writeFile(join(root, "big"), Buffer.alloc(partBytes + 1, 7)))
      assert.strictEqual(manifest.outputs[0]?.content?.size, partBytes + 1)
      assert.strictEqual(manifest.outputs[0]?.content?.parts.length, 2)
    }), 30_000)
})
