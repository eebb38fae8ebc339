import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { ContentAddress } from "rgrid/domain/ContentAddress"
import { partBytes } from "rgrid/domain/JobSpec"

const sha256 = (...pieces: ReadonlyArray<Uint8Array>) => {
  const hash = createHash("sha256")
  for (const piece of pieces) hash.update(piece)
  return hash.digest("hex")
}

describe("a content address", () => {
  it("has no parts when there is nothing", () =>
    assert.deepEqual(new ContentAddress().finish(), { size: 0, sha256: sha256() as never, parts: [] }))

  it("has a part for each 64 MiB, wherever the bytes are cut", () => {
    const bytes = Buffer.alloc(partBytes + 1000, "part")
    const address = new ContentAddress()
    for (let at = 0; at < bytes.length; at += 5_000_011) address.update(bytes.subarray(at, at + 5_000_011))
    const parts = [sha256(bytes.subarray(0, partBytes)), sha256(bytes.subarray(partBytes))]
    assert.deepEqual(address.finish(), { size: bytes.length, sha256: sha256(bytes), parts } as never)
  })

  it("ends with a full part when the content does", () => {
    const address = new ContentAddress()
    const bytes = Buffer.alloc(partBytes, 7)
    address.update(bytes)
    assert.deepEqual(address.finish().parts, [sha256(bytes)] as never)
  })
})
