/** What a script in a container left, inside its working directory and outside: found, named, and none of ours. */
import { assert, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import type { JobSpec } from "rgrid/domain/JobSpec"
import { Sandbox } from "rgrid/ports/Sandbox"
import { python, openSlot } from "rgrid/testing/SandboxContract"
import { collect } from "../../src/attempt/collect.ts"
import * as place from "../../src/attempt/place.ts"
import { hostPath, snapshot, type Tree } from "../../src/attempt/snapshot.ts"
import { contentOf, spec } from "../fixtures/jobs.ts"
import { image, kinds, sandboxLayer } from "./fixture.ts"

const input = (path: string, text: string) => ({ path, mode: 0o644, content: contentOf(text) })

const put = async (trees: ReadonlyArray<Tree>, path: string, text?: string) => {
  const here = hostPath(trees, path)
  assert.isNotNull(here, path)
  await mkdir(text === undefined ? here! : dirname(here!), { recursive: true })
  if (text !== undefined) await writeFile(here!, text)
}

/** Files hold their own paths. */
const collected = Effect.fnUntraced(function*(job: Pick<JobSpec, "cwd" | "directories">, files: Array<string>, source: string) {
  const sandbox = yield* Sandbox
  const asked = spec({ ...job, files: files.map((path) => input(path, path)), network: "none" })
  const request = { ...place.slotRequest(asked, {}), image }
  const slot = yield* openSlot(request)
  const ground = place.ground(sandbox.name, slot, request)
  const empty = yield* snapshot(ground, { ...asked, files: [] })
  yield* Effect.promise(async () => {
    for (const path of files) await put(empty, path, path)
    for (const path of job.directories) await put(empty, path)
  })
  yield* slot.own
  const trees = yield* snapshot(ground, asked)
  const run = yield* slot.run({ argv: python(source), env: { PATH: "/usr/local/bin:/usr/bin" }, deadline: Duration.minutes(1) })
  const said = yield* run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.mkString)
  assert.deepStrictEqual([said, (yield* run.exit).code], ["", 0])
  return yield* collect(trees)
}, Effect.scoped)

const brief = (manifest: Effect.Success<ReturnType<typeof collect>>) => ({
  outputs: manifest.outputs.map(({ mode, path, type }) => `${type} ${path} ${mode.toString(8)}`),
  deleted: manifest.deleted,
  skipped: manifest.skipped.map(({ path, reason }) => `${reason} ${path}`)
})

for (const kind of kinds) it.layer(sandboxLayer("collect", {}, kind), { excludeTestServices: true, timeout: "60 seconds" })(`what is left, by ${kind.name}`, (it) => {
  it.effect("is told by its own paths, changed and new and removed, and nothing of what only stood there", () =>
    Effect.gen(function*() {
      const source = `
import os
open('../data/in.csv', 'a').write('more')
os.remove('../data/gone')
os.makedirs('/data/sets/new')
open('/data/sets/new/x', 'w').write('x')
os.chmod('/data/sets/new', 0o700)
open('../out/result', 'w').write('y')
open('own', 'w').write('z')
os.symlink('/etc/passwd', '../out/link')
os.mkfifo('/data/sets/pipe')
os.chmod('../out/result', 0o4755)`
      const manifest = yield* collected(
        { cwd: "/home/ann/project", directories: ["/data/sets", "/data/sets/empty", "/home/ann/out", "here"] },
        ["in", "/home/ann/data/in.csv", "/home/ann/data/same", "/home/ann/data/gone", "/data/sets/a"],
        source
      )
      assert.deepStrictEqual(brief(manifest), {
        outputs: [
          "directory /data/sets/new 700",
          "file /data/sets/new/x 644",
          "file /home/ann/data/in.csv 644",
          "file /home/ann/out/result 755",
          "file own 644"
        ],
        deleted: ["/home/ann/data/gone"],
        skipped: ["device /data/sets/pipe", "link /home/ann/out/link"]
      })
    }), 60_000)

  it.effect("holds no trace of the working directory's own place in one above it", () =>
    Effect.gen(function*() {
      for (const parent of ["/a", "/home/ann", "/root", "/tmp"]) {
        const manifest = yield* collected(
          { cwd: `${parent}/b/c`, directories: [] },
          [`${parent}/in`, "own"],
          "import os; os.path.isdir('/tmp/b') and os.mkdir('/tmp/.cache'); open('../../out', 'w').write('x'); open('made', 'w').write('x'); open('../beside', 'w').write('x')"
        )
        assert.deepStrictEqual(brief(manifest), {
          outputs: [`file ${parent}/b/beside 644`, `file ${parent}/out 644`, "file made 644"],
          deleted: [],
          skipped: []
        }, parent)
      }
    }), 60_000)
})
