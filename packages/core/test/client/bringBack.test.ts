/** A server that lies about everything: whatever it answers, nothing is written where results may not go. */
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bringBack } from "rgrid/client/bringBack"
import { Connection } from "rgrid/client/Connection"
import { ClientLive } from "rgrid/client/layers"
import type { Execution } from "rgrid/domain/Execution"
import { Sha256 } from "rgrid/domain/JobSpec"

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

const fetched = (inputs?: ReadonlyMap<string, Sha256>) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connection = Layer.succeed(Connection, { url, key: Redacted.make("k"), local: false })
  return bringBack(execution, { directory, ...(inputs === undefined ? {} : { inputs }) }).pipe(
    Effect.provide(ClientLive.pipe(Layer.provide(connection)))
  )
}

const tree = () => readdirSync(base, { recursive: true }).sort()

describe("results", () => {
  for (const path of ["../evil", "/tmp/rgrid-evil", "a/../../evil", "", ".", "a//b", "x\0y"]) {
    it.live(`are refused whole when a path is ${JSON.stringify(path)}`, () =>
      Effect.gen(function*() {
        answer = { ...answer, outputs: [output("fine.txt"), output(path)] }
        yield* Effect.flip(fetched())
        assert.deepStrictEqual(tree(), ["here"])
        assert.isFalse(existsSync("/tmp/rgrid-evil"))
      }))
  }

  for (const path of [".git/hooks/pre-commit", "sub/.GIT/config", ".rgrid/config", ".git./x", "a\\b"]) {
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

  it.live("do not overwrite a file that changed here meanwhile, but stand beside it", () =>
    Effect.gen(function*() {
      writeFileSync(join(directory, "in.txt"), "edited since")
      answer = { ...answer, outputs: [output("in.txt")] }
      const back = yield* fetched(new Map([["in.txt", sha("as sent")]]))
      assert.deepStrictEqual(back.beside, [{ path: "in.txt", writtenTo: "in.txt.rgrid" }])
      assert.strictEqual(readFileSync(join(directory, "in.txt"), "utf8"), "edited since")
      assert.strictEqual(readFileSync(join(directory, "in.txt.rgrid"), "utf8"), "evil")
    }))

  it.live("replace an input that is still what was sent, as the script did there", () =>
    Effect.gen(function*() {
      writeFileSync(join(directory, "in.txt"), "as sent")
      answer = { ...answer, outputs: [output("in.txt"), output("new/deep/b c.txt"), output("empty", "")] }
      const back = yield* fetched(new Map([["in.txt", sha("as sent")]]))
      assert.strictEqual(back.written.length, 3)
      assert.strictEqual(readFileSync(join(directory, "in.txt"), "utf8"), "evil")
      assert.strictEqual(readFileSync(join(directory, "empty"), "utf8"), "")
    }))
})
