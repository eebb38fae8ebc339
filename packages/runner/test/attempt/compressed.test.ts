/** What a worker fetches and leaves, compressed where its grid is elsewhere and says that it undoes that. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import { copyFile } from "node:fs/promises"
import { join } from "node:path"
import type { RunnerSettings } from "../../src/Settings.ts"
import { Memory } from "../fixtures/FakeServer.ts"
import { assignment, contentOf, input } from "../fixtures/jobs.ts"
import * as runner from "../fixtures/runner.ts"
import { temporaryDirectory } from "../fixtures/directory.ts"
import { waitUntil } from "../fixtures/waitUntil.ts"

const mebibyte = 1024 * 1024

/** Half of it is left when it is compressed. */
const digits = randomBytes(mebibyte).toString("hex")
/** Seven eighths are left of this. */
const noise = Buffer.from(randomBytes(mebibyte).map((byte) => byte % 128)).toString("latin1")

/** Runs a script that leaves a copy of its input, over such a server. */
const copies = Effect.fnUntraced(function*(
  text: string,
  server: Partial<Pick<Memory, "encodings" | "codedFailures">> = {},
  over: Partial<RunnerSettings> = {}
) {
  const memory = Object.assign(new Memory(), { encodings: ["zstd"], ...server })
  const content = contentOf(text)
  const { server: { assign } } = yield* runner.make((stage) =>
    Effect.promise(async () => {
      memory.objects.clear()
      await copyFile(join(stage.workspace, "in"), join(stage.workspace, "out"))
    }), over, memory)
  const job = assignment({ files: [input(memory, "in", text)] })
  yield* assign(job)
  const settled = yield* waitUntil("settled", () => memory.settled.get(job.execution))
  assert.strictEqual(settled.state, "completed")
  assert.deepStrictEqual(memory.objects.get(content.sha256)?.toString(), text)
  const shareOf = (bytes: number) => bytes === text.length ? "whole" : bytes < text.length * 0.6 ? "half" : `${bytes} bytes`
  return memory.transfers.map(({ bytes, coding, method }) => `${method} ${coding ?? "plain"} ${shareOf(bytes)}`)
})

describe("an input and an output", () => {
  it.live("come and go compressed", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* copies(digits), ["GET zstd half", "PUT zstd half"])
    }))

  it.live("go as they are where that makes them no less", () =>
    Effect.gen(function*() {
      const [, put, ...more] = yield* copies(noise)
      assert.deepStrictEqual([put, ...more], ["PUT plain whole"])
    }))

  it.live("come and go as they are with a server that does not know of it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* copies(digits, { encodings: [] }), ["GET plain whole", "PUT plain whole"])
    }))

  it.live("come and go as they are where the worker shares the disk of the grid", () =>
    Effect.gen(function*() {
      const objects = yield* temporaryDirectory
      assert.deepStrictEqual(yield* copies(digits, {}, { objects }), ["GET plain whole", "PUT plain whole"])
    }))

  it.live.each([400, 403, 415, 422, 501])("come and go once more as they are when that fails with %d", (status) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* copies(digits, { codedFailures: [status, status] }),
        ["GET zstd half", "GET plain whole", "PUT zstd half", "PUT plain whole"]
      )
    }))
})
