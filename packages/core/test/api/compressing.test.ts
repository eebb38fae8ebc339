/** What is worth compressing, and who may be given it so. */
import { assert, describe, it } from "@effect/vitest"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { open } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isAccepted, pays, samplesOf, shrinks } from "rgrid/api/compressing"

const mebibyte = 1024 * 1024

const text = (size: number) => Buffer.alloc(size, "a line of some text, and then another\n")

const paysFor = async (bytes: Uint8Array, offset = 0, size = bytes.length - offset) => {
  const directory = mkdtempSync(join(tmpdir(), "rgrid-pays-"))
  try {
    writeFileSync(join(directory, "file"), bytes)
    return await pays(() => open(join(directory, "file")), { offset, size })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe("compressing", () => {
  it("pays for text and not for what is random", async () => {
    assert.isTrue(await paysFor(text(mebibyte)))
    assert.isFalse(await paysFor(randomBytes(mebibyte)))
  })

  it("pays when beginning, middle and end together become three quarters", async () => {
    const noise = randomBytes(mebibyte)
    assert.isFalse(await paysFor(Buffer.concat([noise.subarray(0, 512 * 1024), text(1024), noise.subarray(512 * 1024)])))
    assert.isTrue(await paysFor(Buffer.concat([noise, text(2 * mebibyte)])))
    // Seven of eight bytes are random, then every other.
    assert.isFalse(shrinks([randomBytes(65_536).map((byte, at) => at % 8 === 0 ? 0 : byte)]))
    assert.isTrue(shrinks([randomBytes(65_536).map((byte, at) => at % 2 === 0 ? 0 : byte)]))
  })

  it("looks at the part alone, not at what is around it in the file", async () => {
    const file = Buffer.concat([text(mebibyte), randomBytes(mebibyte), text(mebibyte)])
    assert.isFalse(await paysFor(file, mebibyte, mebibyte))
    assert.isTrue(await paysFor(file, 0, mebibyte))
  })

  it("pays not for what is small, empty, or not there any more", async () => {
    assert.isFalse(await paysFor(text(100_000)))
    assert.isFalse(await paysFor(Buffer.alloc(0)))
    assert.isFalse(await paysFor(Buffer.alloc(0), 0, mebibyte))
  })

  it("is tried with little of what is large, within it", () => {
    for (const size of [256 * 1024, 64 * mebibyte, 64 * mebibyte - 1]) {
      const pieces = samplesOf(size)
      assert.isBelow(pieces.reduce((sum, { limit }) => sum + limit, 0), size)
      assert.strictEqual(pieces[0]?.offset, 0)
      assert.strictEqual(Math.max(...pieces.map(({ limit, offset }) => offset + limit)), size)
      assert.isTrue(pieces.every(({ limit, offset }) => Number.isInteger(offset) && offset >= 0 && limit > 0))
    }
  })

  it.each([
    ["zstd", true],
    ["gzip, deflate, br, zstd", true],
    ["zstd;q=0.5, *;q=0", true],
    ["zstd ; q=0.001", true],
    ["ZSTD", true],
    ["zstd;q=0", false],
    ["zstd; q=0.000", false],
    ["zstdx, xzstd", false],
    ["*", false],
    ["", false],
    [undefined, false]
  ])("is accepted by %s: %s", (header, expected) => assert.strictEqual(isAccepted(header), expected))
})
