import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { digestFile } from "rgrid/client/digest"
import { project } from "./travel/project.ts"

const chunk = 1024 * 1024

/** No chunk is like another. */
const bytesOf = (length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at += 4096) bytes.writeUInt16LE((at / 4096) & 0xffff, Math.min(at, Math.max(0, length - 2)))
  return bytes
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex")

describe("a file's address", () => {
  it("is that of its bytes, wherever its chunks end", async () => {
    const cwd = project({})
    for (const length of [0, 2, 4095, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 7]) {
      const bytes = bytesOf(length)
      writeFileSync(join(cwd, "file"), bytes)
      const { parts, sha256: whole, size } = await Effect.runPromise(digestFile(join(cwd, "file")))
      assert.strictEqual(size, length)
      assert.strictEqual(whole, sha256(bytes))
      assert.deepStrictEqual<ReadonlyArray<string>>(parts, length === 0 ? [] : [whole])
    }
  })

  it("is right for many files at once", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `${index}`)
    const cwd = project(Object.fromEntries(names.map((name) => [name, name.repeat(100_000)])))
    const found = await Effect.runPromise(
      Effect.forEach(names, (name) => digestFile(join(cwd, name)), { concurrency: 16 })
    )
    assert.deepStrictEqual<ReadonlyArray<string>>(
      found.map((content) => content.sha256),
      names.map((name) => sha256(Buffer.from(name.repeat(100_000))))
    )
  })

  it("is what the system says for what can't be read", async () => {
    const error = await Effect.runPromise(Effect.flip(digestFile(join(project({}), "missing"))))
    assert.strictEqual(error.code, "ENOENT")
  })
})
