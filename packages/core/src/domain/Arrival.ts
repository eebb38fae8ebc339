/** A part as its bytes come over a network: counted, hashed once, and written in large pieces. */
import { createHash } from "node:crypto"
import type { Sha256 } from "./JobSpec.ts"

/**
 * Bytes come in pieces of a socket's reads: to write each by itself costs more than the bytes, and to keep them until
 * there are enough gives the garbage collector as much to do as all the rest.
 */
const pieceBytes = 512 * 1024

/** The bytes are another's again once it returns. */
type Write = (bytes: Uint8Array, at: number) => Promise<void>

export class Arrival {
  received = 0
  private readonly part: { readonly sha256: Sha256; readonly size: number }
  private readonly write: Write
  private readonly hash = createHash("sha256")
  private readonly piece: Buffer
  private filled = 0

  constructor(part: { readonly sha256: Sha256; readonly size: number }, write: Write) {
    this.part = part
    this.write = write
    this.piece = Buffer.allocUnsafe(Math.min(pieceBytes, part.size))
  }

  /** False: more came than was announced, and nothing of it may be written. */
  fits(chunks: ReadonlyArray<Uint8Array>): boolean {
    return chunks.reduce((sum, { length }) => sum + length, this.received) <= this.part.size
  }

  /** Only what fits. Throws what writing throws. */
  async add(chunks: ReadonlyArray<Uint8Array>): Promise<void> {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length;) {
        const taken = chunk.subarray(at, at + this.piece.length - this.filled)
        at += taken.length
        this.received += taken.length
        // Large enough as it is.
        if (taken.length === this.piece.length) await this.store(taken)
        else await this.gather(taken)
      }
    }
  }

  /** Once, after the last byte: whether all is written, and the very bytes announced. */
  async finish(): Promise<boolean> {
    await this.flush()
    return this.received === this.part.size && this.hash.digest("hex") === this.part.sha256
  }

  private async gather(bytes: Uint8Array): Promise<void> {
    this.piece.set(bytes, this.filled)
    this.filled += bytes.length
    if (this.filled === this.piece.length) await this.flush()
  }

  private async flush(): Promise<void> {
    if (this.filled === 0) return
    await this.store(this.piece.subarray(0, this.filled))
    this.filled = 0
  }

  /** The last of what was received. */
  private async store(bytes: Uint8Array): Promise<void> {
    this.hash.update(bytes)
    await this.write(bytes, this.received - bytes.length)
  }
}

interface Positioned {
  readonly write: (
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number
  ) => Promise<{ readonly bytesWritten: number }>
}

/** A disk that is nearly full takes a part of it and refuses the rest when asked again. */
export const writeAt = async (file: Positioned, bytes: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
  }
}
