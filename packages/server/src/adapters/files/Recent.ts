/** The end of a log in memory, as it was appended: whoever reads along is spared the disk, and a flood its garbage. */

/** A reader has no more than a window outstanding; one that is further behind reads the files. */
const mostBytes = 2 * 1024 * 1024

interface Chunk {
  readonly offset: number
  readonly bytes: Uint8Array
}

export class Recent {
  #chunks: Array<Chunk> = []
  #size = 0

  /** What was appended at `offset`. Anything but the end starts anew. */
  add(offset: number, bytes: Uint8Array): void {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.offset + last.bytes.length !== offset) this.forget()
    this.#chunks.push({ offset, bytes })
    this.#size += bytes.length
    while (this.#size > mostBytes && this.#chunks.length > 1) this.#size -= this.#chunks.shift()!.bytes.length
  }

  /** The bytes from `offset` to `end`; null when not all of them are here. */
  read(offset: number, end: number): Uint8Array | null {
    const first = this.#chunks[0]
    if (first === undefined || offset < first.offset || end > first.offset + this.#size || end <= offset) return null
    const pieces = this.#chunks
      .filter((chunk) => chunk.offset < end && chunk.offset + chunk.bytes.length > offset)
      .map(({ bytes, offset: from }) => bytes.subarray(Math.max(0, offset - from), end - from))
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  forget(): void {
    this.#chunks = []
    this.#size = 0
  }
}
