import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { outsideRoots, standingOf, unplaceable } from "../../src/attempt/outside.ts"
import * as FakeServer from "../fixtures/FakeServer.ts"
import { assignment, contentOf, input } from "../fixtures/jobs.ts"
import * as runner from "../fixtures/runner.ts"
import { waitUntil } from "../fixtures/waitUntil.ts"

const named = (cwd: string, files: ReadonlyArray<string>, directories: ReadonlyArray<string> = []) => ({
  cwd,
  files: files.map((path) => ({ path, mode: 0o644, content: contentOf("x") })),
  directories
})

describe("the directories outside that a slot needs", () => {
  it.each<readonly [what: string, files: Array<string>, directories: Array<string>, roots: Array<string>]>([
    ["none for what is inside", ["a", "b/c", "/home/anna/project/d"], ["e", "/home/anna/project/f"], []],
    ["the parents of files", ["/tmp/x/y/in.csv", "/data/in.csv"], [], ["/data", "/tmp/x/y"]],
    ["directories themselves", [], ["/data/sets"], ["/data/sets"]],
    ["each once, whatever is beneath it", ["/d/in", "/d/in2", "/d/a/b/in"], ["/d/c", "/d-e"], ["/d", "/d-e"]],
    ["one above the working directory", ["/home/anna/in.csv"], ["/home/anna/x"], ["/home/anna"]],
    ["one beside it with its name in front", ["/home/anna/project2/in"], [], ["/home/anna/project2"]],
    ["the home of root, and beneath it", ["/root/in.csv", "/root/x/in.csv"], [], ["/root"]],
    ["parents that images keep nothing in", ["/tmp/in", "/home/in", "/mnt/in"], [], ["/home", "/mnt", "/tmp"]],
    ["no file that is nowhere", ["../a", "/a/../b", "/home/anna/project"], [], []]
  ])("are %s", (_, files, directories, roots) => {
    assert.deepStrictEqual(outsideRoots(named("/home/anna/project", files, directories), "/home/anna/project"), roots)
    assert.isNull(unplaceable(named("/home/anna/project", files, directories), "/home/anna/project"))
  })

  it.each([
    "/data.csv", "/etc/hosts.txt", "/etc/a/b", "/usr/share/x", "/proc/1/status", "/sys/x", "/dev/shm/x", "/run/x",
    "/var/in.csv", "/opt/in.csv", "/.rgrid-x/in", "/a\nb/in"
  ])("are none for %j, which has no place", (path) => {
    const job = named("/home/anna/project", ["/data/in.csv", path])
    assert.deepStrictEqual(outsideRoots(job, job.cwd), ["/data"])
    assert.strictEqual(unplaceable(job, job.cwd), path)
  })

  it("never lie in the workspace, which may stand elsewhere than the caller's directory", () => {
    const job = named("/tmp", ["/work/in.csv", "/work/a/in.csv"], ["/data"])
    assert.deepStrictEqual(outsideRoots(job, "/work"), ["/data"])
    assert.strictEqual(unplaceable(job, "/work"), "/work/in.csv")
  })

  it("are none from the root of the file system: all is inside", () => {
    const job = named("/", ["/data/in.csv"], ["/etc"])
    assert.deepStrictEqual(outsideRoots(job, "/work"), [])
    assert.deepStrictEqual(standingOf("/", "/data/in.csv"), { _tag: "Inside", path: "data/in.csv" })
  })
})

describe("an attempt with inputs outside", () => {
  it.live("finds them in the slot, and brings back from there what it changed and made", () =>
    Effect.gen(function*() {
      const memory = new FakeServer.Memory()
      const seen: Array<string> = []
      const { server } = yield* runner.make(
        ({ outside }) =>
          Effect.promise(async () => {
            for (const [there, directory] of outside) {
              seen.push(there, await readFile(join(directory, "in.csv"), "utf8"))
              await writeFile(join(directory, "in.csv"), "changed")
              await mkdir(join(directory, "deep"))
              await writeFile(join(directory, "deep/new"), "made")
            }
          }),
        {},
        memory
      )
      const files = [input(memory, "/data/in.csv", "1,2"), input(memory, "/data/same.csv", "3,4")]
      // Asked for, and not touched: neither is an output.
      const job = assignment({ files, directories: ["/data/out", "out"] })
      yield* server.assign(job)
      const told = yield* waitUntil("it is settled", () => memory.settled.get(job.execution))
      assert.strictEqual(told.state, "completed")
      const outputs = told.manifest.outputs.map(({ content, path }) => [path, content?.sha256])
      assert.deepStrictEqual(outputs, [
        ["/data/deep", undefined],
        ["/data/deep/new", contentOf("made").sha256],
        ["/data/in.csv", contentOf("changed").sha256]
      ])
      assert.strictEqual(memory.objects.get(contentOf("made").sha256)?.toString(), "made")
      assert.deepStrictEqual(seen, ["/data", "1,2"])
    }))

  it.live("fails for good, without a slot, when one has no place", () =>
    Effect.gen(function*() {
      const memory = new FakeServer.Memory()
      const { server, theatre } = yield* runner.make(() => Effect.void, {}, memory)
      const job = assignment({ files: [input(memory, "/etc/hosts.txt", "x")] })
      yield* server.assign(job)
      const told = yield* waitUntil("it is settled", () => memory.settled.get(job.execution))
      assert.deepStrictEqual(told.failure, { _tag: "InputUnplaceable", path: "/etc/hosts.txt" })
      assert.strictEqual(told.state, "failed")
      assert.isFalse(memory.lost.has(job.execution))
      assert.strictEqual(theatre.prepared, 0)
    }))
})
