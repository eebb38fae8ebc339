/** A server that lies about everything: whatever it answers, nothing is written where results may not go. */
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createHash } from "node:crypto"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { bringBack, type BringBackOptions, type Staged, stagedBy } from "rgrid/client/bringBack"
import { Connection } from "rgrid/client/Connection"
import { ClientLive } from "rgrid/client/layers"
import type { Execution } from "rgrid/domain/Execution"
import { type JobSpec, jobSpec, Sha256 } from "rgrid/domain/JobSpec"

const sha = (text: string) => Sha256.make(createHash("sha256").update(text).digest("hex"))
const execution = { id: "exec_00000000000000000000000000" } as Execution

let base: string
let directory: string
let server: Server
let answer: { readonly outputs: ReadonlyArray<unknown>; readonly bytes: string }

const output = (path: string, bytes = answer.bytes) => ({
  path,
  type: "file",
  mode: 0o755,
  modifiedAt: 1_700_000_000_000,
  content: { size: bytes.length, sha256: sha(bytes), parts: bytes === "" ? [] : [sha(bytes)] }
})

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "rgrid-back-"))
  directory = join(base, "here")
  mkdirSync(directory)
  answer = { outputs: [], bytes: "evil" }
  server = createServer((request, response) => {
    if (request.url!.startsWith("/bytes")) return response.end(answer.bytes)
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify({
      manifest: { outputs: answer.outputs, deleted: [], skipped: [] },
      parts: { [sha("evil")]: { url: "/bytes", headers: {} }, [sha("good")]: { url: "/bytes", headers: {} } }
    }))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(base, { recursive: true })
})

/** Before anything here was made. */
const ever = 0

const fetched = (options: Partial<BringBackOptions> = {}) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connection = Layer.succeed(Connection, { url, key: Redacted.make("k"), local: false })
  return bringBack(execution, { directory, since: Date.now() + 60_000, ...options }).pipe(
    Effect.provide(ClientLive.pipe(Layer.provide(connection)))
  )
}

const file = (path: string, text: string) => ({
  path,
  mode: 0o644,
  content: { size: text.length, sha256: sha(text), parts: [sha(text)] }
})

/** What follows from a job that was sent from here. */
const sent = (job: Partial<JobSpec>): Staged =>
  stagedBy(jobSpec({ runtime: "python:3.11", script: "x.py", interpreter: ["python3"], cwd: directory, ...job }))

const tree = () => readdirSync(base, { recursive: true }).sort()

describe("results", () => {
  for (const path of ["../evil", "/tmp/../etc/evil", "a/../../evil", "", ".", "a//b", "x\0y", "//x"]) {
    it.live(`are refused whole when a path is ${JSON.stringify(path)}`, () =>
      Effect.gen(function*() {
        answer = { ...answer, outputs: [output("fine.txt"), output(path)] }
        yield* Effect.flip(fetched())
        assert.deepStrictEqual(tree(), ["here"])
        }))
  }

  const part = `.rgrid-${sha("evil")}.part`
  for (const path of [".git/hooks/pre-commit", "sub/.GIT/config", ".rgrid/config", ".git./x", "/", part, `x/${part}`]) {
    it.live(`are never written to ${path}`, () =>
      Effect.gen(function*() {
        answer = { ...answer, outputs: [output(path)] }
        const back = yield* fetched()
        assert.deepStrictEqual(back.refused.map((one) => one.path), [path])
        assert.deepStrictEqual(tree(), ["here"])
      }))
  }

  it.live("go through no link, neither of a directory nor of a file", () =>
    Effect.gen(function*() {
      mkdirSync(join(base, "outside"))
      writeFileSync(join(base, "outside/file"), "mine")
      symlinkSync("../outside", join(directory, "linked"))
      symlinkSync("../outside/file", join(directory, "link.txt"))
      answer = { ...answer, outputs: [output("linked/file"), output("linked/new"), output("link.txt")] }
      const back = yield* fetched()
      assert.strictEqual(back.refused.length, 3)
      assert.deepStrictEqual(readdirSync(join(base, "outside")), ["file"])
      assert.strictEqual(readFileSync(join(base, "outside/file"), "utf8"), "mine")
    }))

  it.live("are not written when the bytes are not those announced", () =>
    Effect.gen(function*() {
      answer = { bytes: "evil", outputs: [output("a.txt", "good")] }
      const error = yield* Effect.flip(fetched())
      assert.strictEqual(error._tag, "GridRefused")
      assert.deepStrictEqual(tree(), ["here"])
    }))

  it.live("do not overwrite a file that changed here meanwhile, but stand beside it, each under a free name", () =>
    Effect.gen(function*() {
      writeFileSync(join(directory, "in.txt"), "edited since")
      writeFileSync(join(directory, "new.txt"), "made since")
      const staged = sent({ files: [file("in.txt", "as sent")] })
      answer = { ...answer, outputs: [output("in.txt"), output("new.txt")] }
      const back = yield* fetched({ staged, since: ever })
      assert.deepStrictEqual(back.beside, [
        { path: "in.txt", writtenTo: "in.txt.rgrid" },
        { path: "new.txt", writtenTo: "new.txt.rgrid" }
      ])
      assert.strictEqual(readFileSync(join(directory, "in.txt"), "utf8"), "edited since")
      assert.strictEqual(readFileSync(join(directory, "in.txt.rgrid"), "utf8"), "evil")
      // Fetched again it is there already; another one finds another name.
      assert.strictEqual((yield* fetched({ staged, since: ever })).beside[0]?.writtenTo, "in.txt.rgrid")
      answer = { bytes: "good", outputs: [output("in.txt", "good")] }
      assert.strictEqual((yield* fetched({ staged, since: ever })).beside[0]?.writtenTo, "in.txt.rgrid-2")
      assert.deepStrictEqual(readdirSync(directory).sort(), [
        "in.txt",
        "in.txt.rgrid",
        "in.txt.rgrid-2",
        "new.txt",
        "new.txt.rgrid"
      ])
    }))

  it.live("replace what is still as it was sent, and what stood here before and was not sent", () =>
    Effect.gen(function*() {
      writeFileSync(join(directory, "in.txt"), "as sent")
      writeFileSync(join(directory, "old.txt"), "of an earlier run")
      answer = { ...answer, outputs: ["in.txt", "old.txt", "new/deep/b c.txt"].map((path) => output(path)) }
      const back = yield* fetched({ staged: sent({ files: [file("in.txt", "as sent")] }) })
      assert.strictEqual(back.written.length, 3)
      assert.deepStrictEqual(back.beside, [])
      for (const { path } of back.written) assert.strictEqual(readFileSync(join(directory, path), "utf8"), "evil")
      // Touched since, but the same bytes.
      writeFileSync(join(directory, "in.txt"), "as sent")
      answer = { ...answer, outputs: [output("in.txt"), output("empty", "")] }
      const again = yield* fetched({ staged: sent({ files: [file("in.txt", "as sent")] }), since: ever })
      assert.deepStrictEqual(again.beside, [])
      assert.strictEqual(readFileSync(join(directory, "in.txt"), "utf8"), "evil")
      assert.strictEqual(readFileSync(join(directory, "empty"), "utf8"), "")
    }))

  it.live("are as old and as open as the script left them, directories too", () =>
    Effect.gen(function*() {
      const modifiedAt = 1_700_000_000_123.25
      mkdirSync(join(directory, "mine"), { mode: 0o755 })
      const folder = (path: string) => ({ path, type: "directory", mode: 0o500, modifiedAt })
      const inner = { ...output("made/deep/a"), mode: 0o640, modifiedAt }
      answer = { ...answer, outputs: [folder("made"), folder("made/deep"), inner, folder("mine")] }
      yield* fetched()
      for (const [path, mode] of [["made", 0o500], ["made/deep", 0o500], ["made/deep/a", 0o640]] as const) {
        const status = statSync(join(directory, path), { bigint: true })
        assert.deepStrictEqual([Number(status.mode) & 0o777, status.mtimeNs / 1000n], [mode, 1_700_000_000_123_250n], path)
      }
      assert.strictEqual(statSync(join(directory, "mine")).mode & 0o777, 0o755)
      chmodSync(join(directory, "made"), 0o700)
      chmodSync(join(directory, "made/deep"), 0o700)
    }))
})

describe("results outside the working directory", () => {
  const at = (path: string) => join(base, path)
  const contents = () =>
    readdirSync(base, { recursive: true, encoding: "utf8" }).filter((path) => statSync(at(path)).isFile()).sort()
  /** `python ../tools/tool.py ../data/in.csv ../out/result.json --log=../run.log ../sets` */
  const job = () => ({
    script: "../tools/tool.py",
    args: ["../data/in.csv", "../out/result.json", "--log=../logs/run.log", "../sets"],
    files: [file(at("tools/tool.py"), "tool"), file(at("data/in.csv"), "1,2"), file(at("sets/a/.b"), "x")],
    directories: [at("out"), at("logs"), at("sets"), at("sets/a")]
  })
  beforeEach(() => {
    for (const name of ["tools", "data", "out", "logs", "sets", "sets/a", "other"]) mkdirSync(at(name))
  })

  it.live("are where the caller's arguments pointed: files sent, files beside them, directories named", () =>
    Effect.gen(function*() {
      const paths = [
        "tools/tool.py", "data/in.csv", "data/in.csv.idx", "data/new/x", "out/result.json", "out/second.json",
        "logs/run.log", "sets/a/.b", "sets/.marker", "sets/new"
      ]
      answer = { ...answer, outputs: paths.map((path) => output(at(path))) }
      const back = yield* fetched({ staged: sent(job()) })
      assert.deepStrictEqual(back.refused, [])
      assert.deepStrictEqual(back.written.map(({ path }) => path), paths.map(at))
      assert.deepStrictEqual(contents(), [...paths].sort())
    }))

  it.live("are nowhere else, whatever the server says", () =>
    Effect.gen(function*() {
      symlinkSync("../other", at("data/link"))
      writeFileSync(at("other/mine"), "mine")
      symlinkSync("../other/mine", at("out/file"))
      const bad = [
        at("tools/other.py"), at("other/x"), at("x"), at("here/x"), at("data/.bashrc"), at("out/.ssh/authorized_keys"),
        at("data/link/x"), at("out/file"), at("data/.git/hooks/x"), at("sets/.GIT/config"), at("sets/.rgrid/x"),
        at("data"), "/etc/cron.d/rgrid-evil", "/rgrid-evil", join(homedir(), "rgrid-evil"), "/tmp/rgrid-evil"
      ]
      answer = { ...answer, outputs: bad.map((path) => output(path)) }
      const back = yield* fetched({ staged: sent(job()) })
      assert.deepStrictEqual(back.refused.map(({ path }) => path), bad)
      const left = ["data", "here", "logs", "other", "out", "sets/a", "tools"].map((name) => readdirSync(at(name)))
      assert.deepStrictEqual(left, [["link"], [], [], ["mine"], ["file"], [], []])
      assert.strictEqual(readFileSync(at("other/mine"), "utf8"), "mine")
      for (const path of bad.slice(-4)) assert.isFalse(existsSync(path), path)
    }))

  it.live("never follow from an argument that only looks like a path, nor fill a home or the system", () =>
    Effect.gen(function*() {
      const home = homedir()
      const staged = sent({
        args: ["/etc/rgrid-evil", join(home, "in.csv"), join(home, "out.json"), at("nothing/x"), "/api/rgrid-evil"],
        files: [file(join(home, "in.csv"), "1")],
        directories: [home, "/etc", "/"]
      })
      const bad = ["/etc/rgrid-evil", join(home, "rgrid-evil"), at("nothing/x"), "/api/rgrid-evil", "/rgrid-evil"]
      answer = { ...answer, outputs: bad.map((path) => output(path)) }
      const back = yield* fetched({ staged })
      assert.deepStrictEqual(back.refused.map(({ path }) => path), bad)
      for (const path of bad) assert.isFalse(existsSync(path), path)
    }))

  it.live("stay below the directory for who sent none of it, under a name that tells", () =>
    Effect.gen(function*() {
      answer = { ...answer, outputs: [output("/data/out/x"), output("/etc/y"), output("z"), output("/a/.git/x")] }
      const back = yield* fetched()
      assert.deepStrictEqual(back.written.map(({ path }) => path), ["rgrid-outside/data/out/x", "rgrid-outside/etc/y", "z"])
      assert.deepStrictEqual(back.refused.map(({ path }) => path), ["/a/.git/x"])
      assert.deepStrictEqual(contents(), ["here/rgrid-outside/data/out/x", "here/rgrid-outside/etc/y", "here/z"])
    }))
})
