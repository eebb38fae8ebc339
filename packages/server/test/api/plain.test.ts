/** What a program without a client of ours asks: wait for the end, the log as text, one file by its path. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { MissingPart } from "rgrid/api/Executions"
import { Execution } from "rgrid/domain/Execution"
import { encode, type StreamName } from "rgrid/domain/LogFrame"
import { type Answered, ask, codeOf, contentOf, read, server, sha256 } from "./harness.ts"
import { append, assigned, say, settlement } from "./runner.ts"

const text = ({ bytes }: Answered): string => new TextDecoder().decode(bytes)

const utf8 = (value: string) => new TextEncoder().encode(value)

const frame = (stream: StreamName, seq: number, offset: number, line: string): Uint8Array =>
  encode({ stream, seq, time: 1_700_000_000_000_000 + seq, offset, bytes: utf8(line) })

const first = frame("stdout", 0, 0, "one ä\n")
const second = frame("stderr", 1, 0, "trouble\n")
const third = frame("stdout", 2, 7, "two\n")

const Places = Schema.Struct({ missing: Schema.Array(MissingPart) })

const stored = Effect.fnUntraced(function*(assignment: Parameters<typeof say>[0], bytes: Uint8Array) {
  const answer = yield* say(assignment, "outputs", { parts: [{ sha256: sha256(bytes), size: bytes.length }] })
  const { missing } = yield* read(Places, answer)
  for (const { put } of missing) yield* ask("PUT", put.url, { token: "", headers: put.headers, bytes })
})

describe("without a client", () => {
  it.live("a wait is answered by the end, and without one by what is", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      yield* say(assignment, "started")
      const path = `/api/v1/executions/${assignment.execution}`
      assert.strictEqual((yield* read(Execution, yield* ask("GET", path))).state, "running")
      assert.strictEqual((yield* read(Execution, yield* ask("GET", `${path}?wait=0`))).state, "running")
      const waiting = yield* Effect.forkChild(ask("GET", `${path}?wait=30`))
      yield* say(assignment, "settle", settlement(first, { offset: 0, frames: first }))
      assert.strictEqual((yield* read(Execution, yield* Fiber.join(waiting))).state, "completed")
      assert.strictEqual((yield* ask("GET", `${path}?wait=31`)).status, 400)
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("a log is text: what is there, one stream of it, or all until the end", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const path = `/api/v1/executions/${assignment.execution}/logs/text`
      assert.strictEqual(text(yield* ask("GET", path)), "")
      yield* say(assignment, "started")
      yield* append(assignment, 0, Buffer.concat([first, second]))
      const there = yield* ask("GET", path)
      assert.strictEqual(text(there), "one ä\ntrouble\n")
      assert.match(there.headers.get("content-type") ?? "", /^text\/plain/)
      const following = yield* Effect.forkChild(ask("GET", `${path}?follow=true&stream=stdout`))
      const log = Buffer.concat([first, second, third])
      yield* say(assignment, "settle", settlement(log, { offset: first.length + second.length, frames: third }))
      assert.strictEqual(text(yield* Fiber.join(following)), "one ä\ntwo\n")
      assert.strictEqual(text(yield* ask("GET", `${path}?stream=stderr`)), "trouble\n")
      assert.strictEqual(yield* codeOf(yield* ask("GET", "/api/v1/executions/nonsense/logs/text")), "NotFound")
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("a file is its path, and one that was meant is named", () =>
    Effect.gen(function*() {
      const { assignment } = yield* assigned("1")
      const made = utf8("result")
      yield* stored(assignment, made)
      const end = settlement(first, { offset: 0, frames: first })
      const file = (path: string, bytes: Uint8Array) => ({
        path,
        type: "file",
        mode: 0o644,
        modifiedAt: 1,
        content: contentOf(bytes)
      })
      const outputs = [file("out dir/ü.txt", made), file("/abs.txt", made), file("empty", new Uint8Array(0))]
      yield* say(assignment, "settle", { ...end, manifest: { ...end.manifest, outputs } })
      const path = `/api/v1/executions/${assignment.execution}/outputs/`
      for (const name of ["out dir/ü.txt", "/abs.txt"]) {
        const got = yield* ask("GET", path + encodeURIComponent(name))
        assert.deepStrictEqual([text(got), got.headers.get("content-length")], ["result", "6"])
        assert.match(got.headers.get("content-disposition") ?? "", /^attachment/)
        assert.strictEqual(got.headers.get("cache-control"), "private, no-store")
        assert.strictEqual(got.headers.get("x-content-type-options"), "nosniff")
      }
      assert.strictEqual(text(yield* ask("GET", `${path}empty`)), "")
      const part = yield* ask("GET", path + encodeURIComponent("/abs.txt"), { headers: { range: "bytes=0-1" } })
      assert.deepStrictEqual([part.status, part.headers.get("accept-ranges"), text(part)], [200, "none", "result"])
      const missing = yield* ask("GET", `${path}emty`)
      const Missing = Schema.Struct({ what: Schema.String, nearest: Schema.String })
      assert.deepStrictEqual(yield* read(Missing, missing), { what: "output", nearest: "empty" })
    }).pipe(Effect.scoped, Effect.provide(server)))

  it.live("a job says only what differs from the usual", () =>
    Effect.gen(function*() {
      const json = { runtime: "bash", script: "-c", interpreter: ["bash"], args: ["true"] }
      const { execution } = yield* read(
        Schema.Struct({ execution: Execution }),
        yield* ask("POST", "/api/v1/executions", { json })
      )
      assert.deepInclude(execution, { state: "queued", cwd: "/work", resources: {}, metadata: {}, env: [] })
    }).pipe(Effect.provide(server)))
})
