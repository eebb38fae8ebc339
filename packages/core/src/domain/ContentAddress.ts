import { createHash, type Hash } from "node:crypto"
import { type FileContent, partBytes, Sha256 } from "./JobSpec.ts"

const sealed = (hash: Hash): Sha256 => Sha256.make(hash.digest("hex"))

/** A content's address, from its bytes in one pass, however they come. */
export class ContentAddress {
  private readonly whole = createHash("sha256")
  private readonly parts: Array<Sha256> = []
  /** Null within the first part, which is the whole so far: most files are hashed once. */
  private part: Hash | null = null
  private filled = 0
  private size = 0

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const slice = bytes.subarray(at, at + partBytes - this.filled)
      this.whole.update(slice)
      this.part?.update(slice)
      this.size += slice.length
      this.filled += slice.length
      at += slice.length
      if (this.filled === partBytes) this.close()
    }
  }

  /** Once, after the last byte. */
  finish(): FileContent {
    if (this.filled > 0) this.close()
    return { size: this.size, sha256: sealed(this.whole), parts: this.parts }
  }

  private close(): void {
    this.parts.push(sealed(this.part ?? this.whole.copy()))
    this.part = createHash("sha256")
    this.filled = 0
  }
}
