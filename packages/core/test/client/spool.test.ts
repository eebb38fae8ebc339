/** What a program has in its hands is put on this machine's disk, which may be full or closed. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { PrepareError } from "../../src/client/errors.ts"
import { givenFiles, inlineScript } from "../../src/client/inline.ts"
import { prepare } from "../../src/client/prepare.ts"

const place = mkdtempSync(join(tmpdir(), "rgrid-spool-"))
const [noDirectory, project] = [join(place, "file"), join(place, "project")]
writeFileSync(noDirectory, "")
mkdirSync(project)
writeFileSync(join(project, "main.py"), "print(1)\n")
afterAll(() => rmSync(place, { recursive: true }))

/** Where nothing can be put, whoever asks. */
const withoutRoom = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = process.env["TMPDIR"]
      process.env["TMPDIR"] = noDirectory
      return before
    }),
    () => effect,
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env["TMPDIR"]
        else process.env["TMPDIR"] = before
      })
  )

const request = { script: "main.py", args: [], cwd: project, env: {}, secrets: {} }
const stdin = { kind: "whole", bytes: Stream.make(Buffer.from("in")) } as const

describe("what has no file of its own", () => {
  it.effect("is told as not written where there is no room for it", () =>
    Effect.gen(function*() {
      for (
        const asked of [
          Effect.asVoid(inlineScript({ code: "print(1)" }, project, "python:3.11")),
          Effect.asVoid(givenFiles({ "data.txt": "text" }, project)),
          Effect.asVoid(prepare({ ...request, stdin }))
        ]
      ) {
        const error = yield* withoutRoom(Effect.flip<void, PrepareError, Scope.Scope>(asked))
        assert.deepInclude(error, { _tag: "NotWritten", path: noDirectory, reason: "other" })
        assert.include("detail" in error ? error.detail : "", "ENOTDIR")
      }
    }))

  it.effect("is told as not written where one file would stand in another", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(givenFiles({ data: "text", "data/more.txt": "text" }, project))
      assert.deepInclude(error, { _tag: "NotWritten", path: tmpdir(), reason: "other" })
    }))

  it.effect("is put there", () =>
    Effect.gen(function*() {
      const { spec } = yield* prepare({ ...request, stdin })
      assert.strictEqual(spec.stdin !== "streamed" && spec.stdin?.size, 2)
    }))
})
