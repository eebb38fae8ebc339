import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Words } from "../../src/dependencies/Words.ts"
import { temporaryDirectory } from "../fixtures/directory.ts"

const said = (...pieces: ReadonlyArray<string>) =>
  Effect.flatMap(temporaryDirectory, (directory) =>
    Effect.promise(async () => {
      const path = join(directory, "log")
      const words = await Words.open(path)
      for (const piece of pieces) await words.add(Buffer.from(piece))
      const { newest } = words
      await words.close()
      return { newest, tail: words.tail, log: await readFile(path, "utf8") }
    }))

it.effect("tells the newest whole line, wherever it was cut", () =>
  Effect.gen(function*() {
    const { log, newest, tail } = yield* said("Resolved 3 pack", "ages\nDownloading nu", "mpy")
    assert.strictEqual(newest, "Resolved 3 packages")
    assert.strictEqual(log, "Resolved 3 packages\nDownloading numpy\n")
    assert.strictEqual(tail, "Resolved 3 packages\nDownloading numpy")
  }).pipe(Effect.scoped))

it.effect("keeps what asks and what draws out of the last words, and passwords out of all", () =>
  Effect.gen(function*() {
    const { log, tail } = yield* said(
      "npm http fetch GET 200 https://npm.example.com/a\n",
      "\u001b[31mnpm error\u001b[0m 404 Not Found - GET https://me:secret@npm.example.com/none\n"
    )
    assert.match(tail, /^ ?npm error +404 Not Found - GET https:\/\/npm\.example\.com\/none$/)
    assert.include(log, "npm http fetch")
    assert.notInclude(log, "secret")
  }).pipe(Effect.scoped))

it.effect("keeps no more than its last words, however much is said", () =>
  Effect.gen(function*() {
    const { tail } = yield* said(...Array.from({ length: 5000 }, (_, line) => `line ${line}\n`))
    assert.isAtMost(tail.length, 4096)
    assert.isTrue(tail.endsWith("line 4999"))
  }).pipe(Effect.scoped))
